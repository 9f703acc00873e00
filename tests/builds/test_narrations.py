"""Whole builds of narrations through the real espeak-ng and ffmpeg: what an edit makes again, and what does not fit."""

import io
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from episodec.backends import BUILTIN
from episodec.building.outcome import Outcome
from episodec.engine.events import ActionFailed, ActionStarted, NoteTold
from episodec.engine.plan import Changed
from episodec.errors import BackendError
from tests.backends.speech import tokens
from tests.builds.studio import TOY, Studio, portrait

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: ru
disclosure: Voice and pictures are synthetic.
profiles: {draft: {backends: {voice: espeak, foley: noise}}}
"""

FIRST = "Что лежит в alpha-ref.png?"
SECOND = "Это canonical image проекта."
THIRD = "Generated через Flux plus character LoRA."


class Narrations(Studio):
    """Episodes that are spoken by espeak-ng; what follows the join is done by toys."""

    def series(self, *, lexicon: str = "{}", pace: float = 16.0, seed: int = 1) -> "Narrations":
        self.write("episodes/series.yaml", f"{SERIES}lexicon: {lexicon}\n")
        voice = f"voice: {{characters_per_second: {pace}, transcript: Привет.}}"
        self.write("episodes/characters/alpha/character.yaml", f"episodec: 1\ntitle: Alpha\n{voice}\n")
        self.write("episodes/characters/alpha/ref_alpha.npy", tokens(seed))
        self.write("episodes/characters/alpha/alpha-ref.png", portrait())
        return self

    def says(self, number: int, *lines: str, voice: str = "", more: str = "", title: str = "T") -> None:
        text = "".join(f"    {line}\n" for line in lines)
        head = f"episodec: 1\nnumber: {number}\ntitle: {title}\n"
        self.write(f"episodes/{number:03}.episode.yaml", f"{head}voice:\n{voice}  text: |\n{text}{more}")

    def spoke(self) -> set[str]:
        """The actions of voices and joins that the last build made."""
        return {name.partition("/")[2] for name in self.ran() if "/voice" in name or "/join" in name}

    def voice(self, number: int) -> bytes:
        return self.dist()[f"static/audio/alpha_d13_episode{number}_voice.wav"]

    def notes_of_build(self) -> list[str]:
        """The notes of what the last build made."""
        return [event.note.note.code for event in self.events if isinstance(event, NoteTold)]

    def failures(self) -> list[BackendError]:
        return [event.error for event in self.events if isinstance(event, ActionFailed)]  # type: ignore[misc]


def narrations(root: Path) -> Narrations:
    toys = dict.fromkeys(("noise", "mix", "aac"), TOY)
    return Narrations(root, backends={**BUILTIN, **toys}, lower=None)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = narrations(tmp_path_factory.mktemp("spoken") / "project").series()
    built.says(1, f"{FIRST} {SECOND}", THIRD)
    assert built.build().exit_code == 0
    assert built.spoke() == {"voice/0001", "voice/0002", "voice/0003", "join"}
    return built.root


@pytest.fixture
def studio(spoken: Path, tmp_path: Path) -> Narrations:
    """The built series, for one test alone."""
    shutil.copytree(spoken, tmp_path / "project", symlinks=True)
    return narrations(tmp_path / "project")


def test_the_voice_fills_the_frames(studio: Narrations) -> None:
    samples, rate = soundfile.read(io.BytesIO(studio.voice(1)))
    assert (rate, samples.shape) == (48_000, (1_440_000,))
    assert 5 < np.flatnonzero(samples)[-1] / 48_000 < 12


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        ([f"{FIRST} {SECOND}", "Generated через Flux."], {"voice/0003", "join"}),
        (["Привет!", f"{FIRST} {SECOND}", THIRD], {"voice/0001", "join"}),
        ([f"{FIRST} Новое. {SECOND}", THIRD], {"voice/0002", "join"}),
        ([THIRD, f"{FIRST} {SECOND}"], {"join"}),
        ([FIRST, SECOND, THIRD], set()),
        ([FIRST, THIRD], {"join"}),
        ([f"{FIRST}  {SECOND}   ", THIRD], set()),
        ([f"{FIRST} {SECOND}", "", THIRD], {"join"}),
        ([f"{FIRST} [pause 0.8] {SECOND}", THIRD], {"join"}),
        ([f"{FIRST} {SECOND}", THIRD.replace("plus", "[pause 1] plus")], {"voice/0003", "voice/0004", "join"}),
    ],
    ids=[
        *("edited", "before-all", "between", "swapped", "own-lines", "removed", "spaces"),
        *("paragraph", "pause", "pause-within"),
    ],
)
def test_only_what_is_said_anew_is_made_again(
    studio: Narrations, tmp_path: Path, lines: list[str], texts: set[str]
) -> None:
    studio.says(1, *lines)
    assert studio.build().exit_code == 0
    assert studio.spoke() == texts
    twin = narrations(tmp_path / "clean").series()
    twin.says(1, *lines)
    twin.build(jobs=1)
    assert twin.dist() == studio.dist()


@pytest.mark.parametrize(
    ("edit", "texts"),
    [
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, title="Another"), set()),
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, voice="  pause_s: 0.5\n"), {"join"}),
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, voice="  lead_s: 1\n"), {"join"}),
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, voice="  tail_s: 1\n"), {"join"}),
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, voice="  fit: none\n"), {"join"}),
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, more="frames: 600\n"), {"join"}),
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, more="foley: {prompt: rain}\n"), set()),
        # The draft voice reads every take alike, so that nothing after it is made again.
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, voice="  takes: {Generated: 2}\n"), {"voice/0003"}),
        (lambda s: s.says(1, f"{FIRST} {SECOND}", THIRD, voice="  take: 2\n"), {f"voice/000{i}" for i in (1, 2, 3)}),
        (lambda s: s.series(lexicon="{LoRA: лора}"), {"voice/0003", "join"}),
        (lambda s: s.series(lexicon="{unused: слово}"), set()),
        (lambda s: s.series(seed=2), {"voice/0001", "voice/0002", "voice/0003", "join"}),
        (lambda s: s.series(pace=17.0), {"voice/0001", "voice/0002", "voice/0003", "join"}),
    ],
    ids=[
        "title",
        "pause",
        "lead",
        "tail",
        "fit",
        "frames",
        "foley",
        "takes",
        "take",
        "lexicon",
        "unused",
        "tokens",
        "pace",
    ],
)
def test_an_edit_makes_what_hangs_on_it(studio: Narrations, edit: object, texts: set[str]) -> None:
    edit(studio)  # type: ignore[operator]
    assert studio.build().exit_code == 0
    assert studio.spoke() == texts


def test_another_reference_is_heard(studio: Narrations) -> None:
    before = studio.voice(1)
    studio.series(seed=2).build()
    assert studio.voice(1) != before
    studio.series(seed=1).build()
    assert studio.voice(1) == before
    assert studio.spoke() == set()


def test_equal_sentences_are_spoken_once_over_all_episodes(studio: Narrations) -> None:
    studio.says(2, THIRD, SECOND, SECOND)
    studio.says(3, SECOND, "Только здесь.")
    assert studio.build().exit_code == 0
    assert studio.spoke() == {"join", "voice/0002"}


def test_captions_show_the_written_form(tmp_path: Path) -> None:
    studio = narrations(tmp_path).series(lexicon="{npy: эн пи уай, LoRA: лора}")
    studio.says(1, "Файл ref.npy — это LoRA.", more="foley: {prompt: 'studio, soft pencil'}\n")
    assert studio.build().exit_code == 0
    visible = studio.dist()["captions/alpha_d13_episode1.vtt"].decode()
    assert "[скрип карандаша]\n" in visible
    assert "Файл ref.npy — это LoRA.\n" in visible
    assert studio.dist()["captions/alpha_d13_episode1.srt"].startswith(b"1\n00:00:00,")


def test_numbers_are_heard_as_words_and_shown_as_they_are_written(tmp_path: Path) -> None:
    studio = narrations(tmp_path).series(lexicon="{№: номер}")
    studio.says(1, "В 2026 году вышел 72-й кадр: 5 % и 1 000 ₽, №2.")
    in_words = (
        "В две тысячи двадцать шестом году вышел семьдесят второй кадр: пять процентов и тысяча рублей, номер два."
    )
    studio.says(2, in_words)
    assert studio.build().exit_code == 0
    assert studio.voice(1) == studio.voice(2)
    visible = studio.dist()["captions/alpha_d13_episode1.vtt"].decode()
    assert "В 2026 году вышел 72-й кадр: 5 % и 1 000 ₽, №2." in " ".join(visible.split())


SENTENCE = "Это canonical reference image проекта, и голос хранится отдельно."  # About 3.6 s.


def fitted(root: Path, sentences: int, voice: str = "", more: str = "") -> tuple[Narrations, Outcome]:
    studio = narrations(root).series(pace=15.0)
    studio.says(1, *[SENTENCE] * sentences, voice=voice, more=more)
    return studio, studio.build()


def test_thirty_seconds_fit_as_they_are_and_thirty_two_are_spoken_faster(tmp_path: Path) -> None:
    short, outcome = fitted(tmp_path / "short", 6)
    assert (outcome.exit_code, short.codes(outcome)) == (0, [])
    long, outcome = fitted(tmp_path / "long", 7)
    assert outcome.exit_code == 0
    (warning,) = outcome.diagnostics
    assert warning.code == "E235"
    assert "s: so the voice speaks 10 % faster" in warning.message
    for studio in (short, long):
        samples, _ = soundfile.read(io.BytesIO(studio.voice(1)))
        values = np.flatnonzero(np.abs(samples) > 0.01)
        assert 0.3 <= values[0] / 48_000 < 0.35
        assert 22 < values[-1] / 48_000 < 29.5
    assert fitted(tmp_path / "none", 7, voice="  fit: none\n", more="frames: 850\n")[1].exit_code == 1


def test_a_step_of_the_pace_speaks_all_anew_and_an_edit_within_it_one_sentence(tmp_path: Path) -> None:
    studio, _ = fitted(tmp_path, 7)
    other = SENTENCE.replace("голос", "голос её")
    studio.says(1, *[SENTENCE] * 6, other)
    assert [one.code for one in studio.build().diagnostics] == ["E235"]
    assert studio.spoke() == {"voice/0007", "join"}
    studio.says(1, *[SENTENCE] * 6, f"{other} [pause 1]")
    (warning,) = studio.build().diagnostics
    assert "the voice speaks 15 % faster" in warning.message
    assert studio.spoke() == {"voice/0001", "voice/0007", "join"}  # The first six are one.
    reasons = {event.id.rpartition("/")[2]: event.reason for event in studio.events if isinstance(event, ActionStarted)}
    assert reasons["0001"] == Changed(("params.faster_percent",))


def test_forty_seconds_are_an_error_before_anything_is_made(tmp_path: Path) -> None:
    studio, outcome = fitted(tmp_path, 11)
    assert [one.code for one in outcome.diagnostics] == ["E206"]
    assert studio.events == []


# Two narrations as the series has them, of 32 and 30 s, in two languages at once.
PORTRAIT = (
    (
        "Что именно лежит в alpha-ref.png? Это canonical reference image всего проекта и всех его scenes: front-facing "
        "portrait Альфы, athletic jumpsuit, long purple hair, calm and neutral expression."
    ),
    "Generated через Flux dot 1 dev plus character LoRA plus PuLID identity anchor. 1024 на 1024 pixels.",
    (
        "Этот image — input во все downstream pipelines: Hunyuan3D mesh, Apple SHARP splats, LatentSync talking head, "
        "PuLID refinement, 4DGaussians training. Если он меняется — вместе с ним меняется и вся pipeline."
    ),
    "Это single source of truth для visual character.",
)
TOKENS = (
    "Что лежит внутри ref_alpha.npy? Это numpy file с tokens: encoded representation reference voice recording.",
    (
        "Fish Speech кодирует voice sample в semantic plus acoustic tokens и сохраняет как npy array. Generation "
        "принимает new text plus reference tokens, и output синтезирует character voice."
    ),
    (
        "Это compact representation характера: десятки kilobytes против full recording в megabytes. Никакой "
        "synthesizer не восстановит из них original recording целиком или по частям, но для voice cloning они "
        "functionally complete, и этого вполне достаточно."
    ),
)


@pytest.mark.parametrize(("lines", "frames"), [(PORTRAIT, 960), (TOKENS, 900)], ids=["portrait", "tokens"])
def test_narrations_of_the_series_fit_their_films_at_her_pace_without_help(
    tmp_path: Path, lines: tuple[str, ...], frames: int
) -> None:
    studio = narrations(tmp_path).series(pace=20.0)
    studio.says(1, *lines, more=f"frames: {frames}\n")
    outcome = studio.build()
    assert (outcome.exit_code, list(outcome.diagnostics), studio.notes_of_build()) == (0, [], [])
    samples, _ = soundfile.read(io.BytesIO(studio.voice(1)))
    end_s = np.flatnonzero(np.abs(samples) > 0.01)[-1] / 48_000
    assert frames / 30 - 4 < end_s < frames / 30 - 0.4


def test_the_longer_one_fits_thirty_seconds_with_help_and_says_so(tmp_path: Path) -> None:
    studio = narrations(tmp_path).series(pace=20.0)
    studio.says(1, *PORTRAIT)
    outcome = studio.build()
    assert outcome.exit_code == 0
    assert [one.message.partition(": so ")[2] for one in outcome.diagnostics] == ["the voice speaks 10 % faster"]


@pytest.mark.parametrize("lines", [PORTRAIT, TOKENS], ids=["portrait", "tokens"])
@pytest.mark.parametrize("pace", [13.0, 16.0])
def test_what_is_predicted_is_what_the_join_finds(tmp_path: Path, lines: tuple[str, ...], pace: float) -> None:
    studio = narrations(tmp_path).series(pace=pace)
    studio.says(1, *lines, voice="  fit: none\n", more="frames: 30\nallow: [E207]\n")
    (actual,) = studio.build().diagnostics
    predicted_s = float(re.findall(r"about ([\d.]+) s at", actual.message)[0])
    studio.says(1, *lines, voice="  fit: none\n", more=f"frames: {int(predicted_s * 30 * 0.94)}\n")
    assert [one.code for one in studio.build().diagnostics] == ["E207"]
    (error,) = studio.failures()
    assert float(error.facts["narration"].split()[0]) == pytest.approx(predicted_s, rel=0.04, abs=0.5)


def test_an_overflow_tells_the_frames_that_would_hold_it(tmp_path: Path) -> None:
    studio = narrations(tmp_path / "one").series(pace=15.0)
    studio.says(1, *PORTRAIT, more="frames: 900\n")
    assert [one.code for one in studio.build().diagnostics] == ["E207"]
    (error,) = studio.failures()
    assert error.facts["overflows"].startswith("at sentence 7: «Это single source")
    frames = int((error.hint or "").rpartition("frames: ")[2].rstrip("`"))
    for count, exit_code in ((frames, 0), (frames - 1, 1)):
        studio.says(1, *PORTRAIT, more=f"frames: {count}\n")
        assert studio.build().exit_code == exit_code


@pytest.mark.parametrize(
    ("lines", "voice", "code"),
    [
        (["Да.", "😀 🎉", "Нет."], "", "E205"),
        (["***"], "", "E205"),
        (["Да."], "  takes: {Нет: 2}\n", "E223"),
    ],
)
def test_what_cannot_be_spoken_is_told_at_its_place(tmp_path: Path, lines: list[str], voice: str, code: str) -> None:
    studio = narrations(tmp_path).series()
    studio.says(1, *lines, voice=voice)
    outcome = studio.build()
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.path) == (code, "episodes/001.episode.yaml")
    assert actual.span is not None
    assert outcome.exit_code == 1


@pytest.mark.parametrize(
    "line",
    ["<speak>Привет <break time='3s'/></speak> & [[aI]]", "Улыбка 😀 тут.", "50 % от 3 €", "x" * 50, "1024×1024 №1"],
)
def test_hostile_text_is_spoken(tmp_path: Path, line: str) -> None:
    studio = narrations(tmp_path).series()
    studio.says(1, line)
    assert studio.build().exit_code == 0


def recording(studio: Narrations, seconds: float) -> None:
    tone = 0.3 * np.sin(np.arange(round(seconds * 44_100)) / 20)
    file = io.BytesIO()
    soundfile.write(file, tone, 44_100, format="WAV", subtype="PCM_16")
    studio.write("episodes/media/1.wav", file.getvalue())


VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nраз\n\n00:01.000 --> 00:02.000\nдва\n"


@pytest.mark.parametrize(
    ("voice", "visible", "codes"),
    [
        ("{file: media/1.wav, timings: media/1.vtt}", "раз\n", []),
        ("{file: media/1.wav, timings: media/1.vtt, text: 'Раз, два!'}", "Раз, два!\n", []),
        ("{file: media/1.wav, text: 'Раз, два!'}", "Раз,\n", []),  # Spread over half a minute: a cue each.
        ("{file: media/1.wav}", None, ["E224"]),
    ],
)
def test_a_recording_goes_through_the_same_join(
    tmp_path: Path, voice: str, visible: str | None, codes: list[str]
) -> None:
    studio = narrations(tmp_path).series()
    recording(studio, 31.0)
    studio.write("episodes/media/1.vtt", VTT)
    studio.write("episodes/001.episode.yaml", f"episodec: 1\nnumber: 1\ntitle: T\nvoice: {voice}\n")
    outcome = studio.build()
    assert (outcome.exit_code, [one.code for one in outcome.diagnostics]) == (0, codes)
    assert len(studio.voice(1)) == 44 + 2 * 1_440_000
    captions = studio.dist().get("captions/alpha_d13_episode1.vtt")
    assert (captions is None) == (visible is None)
    assert visible is None or captions is None or visible in captions.decode()
    recording(studio, 33.0)
    assert studio.build().exit_code == 1
