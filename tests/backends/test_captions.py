"""Captions by the rules that readers need, as properties over any words, and as a text an editor would accept."""

import os
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from episodec.audio.cues import Clock, Cue, captions, with_note
from episodec.audio.lines import FULL, LINE, width
from episodec.audio.words import SpokenWord, Words, write_words
from episodec.backends.captions import CaptionsBackend, srt, webvtt
from episodec.backends.espeak.backend import EspeakBackend
from episodec.errors import BackendError
from episodec.timebase import RATES
from tests.backends.speech import read_speech, speech_order
from tests.toys.orders import task

GOLDEN = Path(__file__).parents[1] / "golden/captions"
CLOCK = Clock(900, 1600)
AMBIENCE = "design studio quiet, soft pencil scratch"


def spoken(text: str, *, pace: float = 15.0, pause_s: float = 0.35, start_s: float = 0.0) -> tuple[SpokenWord, ...]:
    """Words at an even pace, sentence after sentence (`|` between them)."""
    at, words = start_s, []
    for index, sentence in enumerate(text.split("|")):
        for word in sentence.split():
            end = at + len(word) / pace
            words.append(SpokenWord(word, round(at * 48_000), round(end * 48_000), index))
            at = end + 1 / pace
        at += pause_s
    return tuple(words)


# Words of an ordinary narration: up to 15 letters, commas, sentences of 1 to 25 words.
WORD = st.text(alphabet=st.sampled_from("абвгдежзиклмностуabcdeiost"), min_size=1, max_size=15)
SENTENCE = st.lists(st.tuples(WORD, st.sampled_from(["", "", "", ","])).map("".join), min_size=1, max_size=25)
NARRATION = st.lists(SENTENCE.map(lambda words: " ".join(words) + "."), min_size=1, max_size=6).map("|".join)


def texts_of(cues: tuple[Cue, ...]) -> list[str]:
    return [word for cue in cues for line in cue.lines if not line.startswith("[") for word in line.split()]


@given(NARRATION, st.floats(8, 22), st.floats(0, 2), st.sampled_from([None, AMBIENCE]))
def test_cues_are_whole_in_order_on_frames_and_within_two_lines(
    text: str, pace: float, pause_s: float, ambience: str | None
) -> None:
    words = tuple(word for word in spoken(text, pace=pace, pause_s=pause_s) if word.end <= 900 * 1600)
    cues = captions(words, ambience, CLOCK)
    assert texts_of(cues) == [word.word for word in words]
    assert all(earlier.end <= later.start for earlier, later in pairwise(cues))
    for cue in cues:
        assert 0 <= cue.start < cue.end <= 900
        assert cue.end - cue.start <= 7 * 30
        assert 1 <= len(cue.lines) <= 2
        assert max(map(width, cue.lines)) <= FULL


SHORTEST = 25  # Frames: 5/6 s.


@given(NARRATION, st.floats(10, 16), st.sampled_from([None, AMBIENCE, "rain"]), st.floats(0, 2), st.floats(0, 2))
def test_speech_of_a_natural_pace_can_be_read(
    text: str, pace: float, ambience: str | None, pause_s: float, start_s: float
) -> None:
    """Every cue has its time: there is a second of silence or two lines of speech to take it from."""
    words = tuple(word for word in spoken(text, pace=pace, pause_s=pause_s, start_s=start_s) if word.end <= 890 * 1600)
    for cue in captions(words, ambience, CLOCK):
        assert cue.end - cue.start >= SHORTEST
        text = " ".join(line for line in cue.lines if not line.startswith("["))
        assert len(text) / (cue.end - cue.start) * 30 <= 20 * 1.05


AT_ONCE = st.just(0)
FAST = st.lists(
    st.tuples(st.integers(1, 60), AT_ONCE | st.integers(0, 9), AT_ONCE | st.integers(0, 40), st.booleans()), max_size=7
)


def fast_words(rows: list[tuple[int, int, int, bool]], frames: int) -> tuple[SpokenWord, ...]:
    """Words of so many letters and frames, with so many frames before the next, some the last of their sentence."""
    at, sentence, words = 0, 0, []
    for letters, lasts, pause, is_last in rows:
        words.append(SpokenWord("x" * letters, at * 1600, max(at * 1600 + 1, (at + lasts) * 1600), sentence))
        at, sentence = at + lasts + pause, sentence + is_last
    return tuple(word for word in words if word.end <= frames * 1600)


def lacking(words: tuple[SpokenWord, ...], frames: int) -> int | None:
    """The fewest frames that cues lack to 5/6 s, of all divisions; None: in each of them cues start in one frame."""
    starts = [word.start // 1600 for word in words] + [frames]
    ends = [max(-(-word.end // 1600), word.start // 1600 + 1) for word in words]
    actual = []
    for cuts in product([False, True], repeat=len(words) - 1):
        edges = [0, *(at + 1 for at, cut in enumerate(cuts) if cut), len(words)]
        cues = list(pairwise(edges))
        fits = all(breaks([len(word.word) for word in words[first:end]]) for first, end in cues)
        whole = all(end - first == 1 or ends[end - 1] - starts[first] <= 209 for first, end in cues)
        room = [min(starts[end] - starts[first], 209) for first, end in cues]
        if fits and whole and min(room) > 0:
            actual.append(sum(max(0, SHORTEST - one) for one in room))
    return min(actual, default=None)


def breaks(lengths: list[int]) -> bool:
    """Whether words of so many letters fit two lines."""
    lines = [sum(lengths) + len(lengths) - 1]
    splits = [(lengths[:at], lengths[at:]) for at in range(1, len(lengths))]
    return lines[0] <= LINE or any(max(sum(part) + len(part) - 1 for part in pair) <= LINE for pair in splits)


@given(FAST, st.integers(1, 400))
def test_no_other_division_of_the_words_gives_cues_more_of_the_time_they_need(
    rows: list[tuple[int, int, int, bool]], frames: int
) -> None:
    """The law in full: what no division can give is the only exception, however fast the speech and short the film."""
    words = fast_words([(min(letters, LINE), lasts, pause, last) for letters, lasts, pause, last in rows], frames)
    if words and (least := lacking(words, frames)) is not None:
        cues = captions(words, None, Clock(frames, 1600))
        assert sum(max(0, SHORTEST - (cue.end - cue.start)) for cue in cues) == least
        assert {cue.start for cue in cues} <= {word.start // 1600 for word in words}


@given(FAST, st.integers(1, 400), st.sampled_from([None, "rain"]), st.integers(0, 40))
def test_cues_of_any_words_stand_apart_in_order_and_lose_nothing(
    rows: list[tuple[int, int, int, bool]], frames: int, ambience: str | None, late: int
) -> None:
    words = tuple(
        SpokenWord(word.word, word.start + late * 1600, word.end + late * 1600, word.sentence)
        for word in fast_words(rows, frames - late)
    )
    assume(sum(-(-len(word.word) // LINE) for word in words) + (ambience is not None) <= frames)  # Else refused.
    cues = captions(words, ambience, Clock(frames, 1600))
    assert all(0 <= cue.start < cue.end <= frames for cue in cues)
    assert all(earlier.end <= later.start for earlier, later in pairwise(cues))
    assert "".join(texts_of(cues)) == "".join(word.word for word in words)


def test_words_of_one_frame_share_its_cue() -> None:
    words = (SpokenWord("Hi", 0, 700, 0), SpokenWord("there.", 750, 1600, 0))
    assert captions(words, None, Clock(1, 1600)) == (Cue(0, 1, ("Hi there.",)),)
    assert captions(words, "rain", Clock(1, 1600)) == (Cue(0, 1, ("Hi there.",)),)


def test_more_words_than_frames_can_show_are_refused() -> None:
    words = tuple(SpokenWord("x" * 40, 0, 1600, 0) for _ in range(5))
    assert len(captions(words, None, Clock(3, 1600))) == 3
    with pytest.raises(BackendError, match="more captions than the episode has frames"):
        captions(words, None, Clock(2, 1600))


@pytest.mark.parametrize("ambience", [None, AMBIENCE, "rain"])
def test_a_short_word_before_a_pause_keeps_its_time_beside_the_ambience(ambience: str | None) -> None:
    for pause_s in (0.9, 1.5, 2.0):
        cues = captions(spoken("Да.|Теперь совсем другое дело, и долгое.", pause_s=pause_s), ambience, CLOCK)
        assert all(cue.end - cue.start >= SHORTEST for cue in cues), (pause_s, cues)


@given(NARRATION)
def test_a_line_holds_a_single_word_only_where_that_is_the_sentence(text: str) -> None:
    sentences = {sentence.strip() for sentence in text.split("|")}
    words = tuple(word for word in spoken(text, pause_s=1.0) if word.end <= 890 * 1600)
    for cue in captions(words, None, CLOCK):
        alone = len(cue.lines) == 1 and " " not in cue.lines[0]
        assert not alone or cue.lines[0] in sentences or len(words) < 3 or words[-1].word == cue.lines[0]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Голос хранится отдельно от внешности, в маленьком файле с токенами.", 2),
        ("The voice is kept apart from the picture, in a small file of tokens.", 2),
        ("Камера плавно обходит героиню по кругу, а время сцены идёт по петле.", 2),
        ("Коротко и ясно.", 1),
    ],
)
def test_lines_are_balanced_and_do_not_end_with_a_leaning_word(text: str, lines: int) -> None:
    (cue,) = captions(spoken(text), None, CLOCK)
    assert len(cue.lines) == lines
    if lines == 2:
        assert abs(len(cue.lines[0]) - len(cue.lines[1])) <= 16
        assert cue.lines[0].split()[-1] not in {"от", "в", "с", "the", "a", "of", "in", "from", "по", "а"}


def test_a_word_longer_than_a_line_is_cut_and_nothing_lost() -> None:
    cues = captions(spoken("Файл " + "x" * 100 + " тут."), None, CLOCK)
    assert "".join(texts_of(cues)) == "Файл" + "x" * 100 + "тут."


def test_a_sentence_too_short_for_a_cue_shares_one() -> None:
    cues = captions(spoken("Да.|Нет.|Это совсем другое дело."), None, CLOCK)
    assert all(cue.end - cue.start >= 25 for cue in cues)


def test_the_ambience_has_a_cue_before_the_speech() -> None:
    cues = captions(spoken("Говорит Альфа.", start_s=2.2), AMBIENCE, CLOCK)
    assert cues[0] == Cue(0, 66, (f"[{AMBIENCE}]",), is_note=True)


def test_the_ambience_has_a_cue_in_the_first_long_pause() -> None:
    for pause_s, note in ((2.2, f"[{AMBIENCE}]"), (1.5, "[design studio quiet]"), (1.0, "[design studio quiet]")):
        cues = captions(spoken("Говорит Альфа.|И ещё раз.", pause_s=pause_s), AMBIENCE, CLOCK)
        assert [cue.lines[0] for cue in cues] == ["Говорит Альфа.", note, "И ещё раз."]


def test_words_right_before_the_ambiences_cue_are_no_flash_where_they_can_share_one() -> None:
    frames = [("deffhe", 18, 31), ("ja", 32, 43), ("egh", 44, 53), ("fefc", 158, 172)]
    words = tuple(SpokenWord(word, start * 1600, end * 1600, at) for at, (word, start, end) in enumerate(frames))
    cues = captions(words, "rain on a roof", Clock(209, 1600))
    assert [(cue.start, cue.end, cue.lines) for cue in cues] == [
        (18, 53, ("deffhe ja egh",)),
        (53, 158, ("[rain on a roof]",)),
        (158, 183, ("fefc",)),
    ]


def test_where_nobody_pauses_the_note_is_in_subrip_alone() -> None:
    words = spoken("слово " * 149 + "слово.", pace=30)
    frames = -(-words[-1].end // 1600)
    cues = captions(words, AMBIENCE, Clock(frames, 1600))
    assert not any("[" in line for cue in cues for line in cue.lines)
    noted = with_note(cues, AMBIENCE)
    assert noted[0].lines == (f"[{AMBIENCE}]", *cues[0].lines)
    assert [cue.lines for cue in noted[1:]] == [cue.lines for cue in cues[1:]]


def test_in_subrip_the_note_goes_above_an_early_cue_with_a_free_line() -> None:
    cues = (Cue(0, 60, ("one", "two")), Cue(60, 90, ("three",)), Cue(90, 120, ("four",)))
    assert [cue.lines for cue in with_note(cues, "rain")] == [("one", "two"), ("[rain]", "three"), ("four",)]
    assert with_note(cues, None) == cues
    with_cue = (*cues, Cue(130, 160, ("[rain]",), is_note=True))
    assert with_note(with_cue, "rain") == with_cue


@pytest.mark.parametrize(("pause_s", "late"), [(0.4, 13), (0.5, 10), (0.6, 7), (0.8, 1), (1.0, 0)])
def test_in_a_short_pause_the_next_cue_waits_for_the_note(pause_s: float, late: int) -> None:
    """Pauses of the second sentence are a little longer than others: there the next cue waits least."""
    words = spoken("Говорит Альфа, и говорит она долго.|И ещё раз.", pause_s=pause_s - 1 / 15)
    cues = captions(words, "rain", Clock(-(-words[-1].end // 1600) + 30, 1600))
    assert [cue.is_note for cue in cues] == [False, True, False]
    assert cues[1].end - cues[1].start >= SHORTEST
    assert cues[2].start - words[6].start // 1600 == late


def test_a_note_waits_for_no_cue_longer_than_half_a_second() -> None:
    words = spoken("Говорит Альфа, и говорит она долго.|И ещё раз.", pause_s=0.2)
    ends = Clock(-(-words[-1].end // 1600), 1600)
    assert not any(cue.is_note for cue in captions(words, "rain", ends))


def test_a_note_stands_behind_the_speech_where_there_is_time_only_there() -> None:
    cues = captions(spoken("Говорит Альфа."), "rain", CLOCK)
    assert [cue.lines for cue in cues] == [("Говорит Альфа.",), ("[rain]",)]


@pytest.mark.parametrize(
    ("ambience", "label"),
    [
        ("rain", ("[rain]",)),
        ("a very long first phrase of the ambience, and another long phrase, and yet another one", 2),
        ("word " * 60, 1),
        ("x" * 200, 1),
    ],
)
def test_a_long_ambience_is_shortened_by_phrases(ambience: str, label: tuple[str, ...] | int) -> None:
    cue = captions((), ambience, CLOCK)[0]
    assert cue.lines == label if isinstance(label, tuple) else len(cue.lines) == label
    assert max(map(width, cue.lines)) <= FULL
    assert cue.lines[-1].endswith("]")


def test_markup_in_a_text_is_text() -> None:
    cues = (Cue(0, 30, ("<b>да</b> & --> нет", "{\\an8}")),)
    assert webvtt(cues, 30, 900) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n&lt;b&gt;да&lt;/b&gt; &amp; --&gt; нет\n{\\an8}\n"
    )
    assert srt(cues, 30, 900) == (
        "1\n00:00:00,000 --> 00:00:01,000\n<\u2060b>да<\u2060/b> & --\u2060> нет\n{\u2060\\an8}\n"
    )


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("00:00:05,000 --> 00:00:06,000", "00:00:05,000 --\u2060> 00:00:06,000"),
        ("a --->> b", "a ---\u2060>> b"),
        ("{b}bold{/b} {y:i}", "{\u2060b}bold{\u2060/b} {\u2060y:i}"),
        (r"a\Nb \n \h", "a\\\u2060Nb \\\u2060n \\\u2060h"),
        (r"C:\films", r"C:\films"),
    ],
)
def test_what_players_take_for_marks_in_subrip_is_text(text: str, guarded: str) -> None:
    assert srt((Cue(0, 30, (text,)),), 30, 900).splitlines()[2] == guarded


def test_times_are_those_of_frames() -> None:
    assert "01:00:00.033 --> 01:00:00.067" in webvtt((Cue(108_001, 108_002, ("a",)),), 30, 109_000)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("frames", [1, 2, 29, 31, 32])
def test_no_time_is_after_the_end_of_the_episode(rate: int, frames: int) -> None:
    """The end of 32 frames at 30 a second lies at 1066.67 ms; a millisecond is not rounded up behind it."""
    cues = (Cue(0, frames, ("a",)),)
    end_ms = 1000 * frames // rate
    assert webvtt(cues, rate, frames).splitlines()[2] == f"00:00:00.000 --> 00:00:0{end_ms // 1000}.{end_ms % 1000:03}"
    assert srt(cues, rate, frames).splitlines()[1] == f"00:00:00,000 --> 00:00:0{end_ms // 1000},{end_ms % 1000:03}"


RUSSIAN_AND_ENGLISH = """\
Что именно лежит в alpha-ref.png?
Это canonical reference image всего проекта: portrait Альфы, jumpsuit, purple hair, neutral expression.
Generated через Flux dot 1 dev plus character LoRA plus PuLID identity anchor.
Этот image — input во все downstream pipelines.
Если он меняется, меняется вся pipeline.
"""


def test_captions_of_a_spoken_text_are_what_an_editor_would_write(tmp_path: Path) -> None:
    """Through the real voice; UPDATE_GOLDEN=1 writes the expected file anew."""
    words: list[SpokenWord] = []
    at = 0
    for index, sentence in enumerate(RUSSIAN_AND_ENGLISH.splitlines()):
        order = speech_order(tmp_path / str(index), sentence)
        EspeakBackend().run(order)
        _, actual = read_speech(order)
        words += (SpokenWord(one.word, one.start + at, one.end + at, index) for one in actual.words)
        at += actual.samples + 16_800
    write_words(tmp_path / "words.json", Words(900 * 1600, "measured", tuple(words)))
    params = {"frames": 900, "rate": 30, "ambience": AMBIENCE}
    inputs = {"words.json": ((tmp_path / "words.json").read_bytes(),)}
    outputs = ("captions.vtt", "captions.srt")
    order = task(tmp_path, "captions", stage="captions", params=params, inputs=inputs, outputs=outputs).order
    CaptionsBackend().run(order)
    for name, path in order.outputs.items():
        expected = GOLDEN / f"russian_and_english{Path(name).suffix}"
        if os.environ.get("UPDATE_GOLDEN"):
            expected.parent.mkdir(exist_ok=True)
            expected.write_bytes(path.read_bytes())
        assert path.read_text(encoding="utf-8") == expected.read_text(encoding="utf-8")


def test_the_files_are_taken_by_ffmpeg(tmp_path: Path) -> None:
    import av

    cues = captions(spoken("Голос хранится отдельно, в маленьком файле с токенами.|И всё."), AMBIENCE, CLOCK)
    for name, text in (("a.vtt", webvtt(cues, 30, 900)), ("a.srt", srt(cues, 30, 900))):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with av.open(str(tmp_path / name)) as container:
            packets = [packet for packet in container.demux() if packet.size]
        assert len(packets) == len(cues)


@pytest.mark.parametrize(("pace", "texts"), [(15.0, []), (200.0, ["captions-brief"])])
def test_captions_that_cannot_be_read_are_told(tmp_path: Path, pace: float, texts: list[str]) -> None:
    words = spoken(" ".join(["слово"] * 120) + ".", pace=pace)
    length = words[-1].end // 1600 + 1
    write_words(tmp_path / "words.json", Words(words[-1].end, "measured", words))
    content = (tmp_path / "words.json").read_bytes()
    outputs = ("captions.vtt", "captions.srt")
    params = {"frames": length, "rate": 30, "ambience": None}
    order = task(tmp_path, "captions", params=params, inputs={"words.json": (content,)}, outputs=outputs).order
    CaptionsBackend().run(order)
    assert [note.code for note in order.notes] == texts
