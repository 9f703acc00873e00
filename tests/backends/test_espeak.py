"""The draft voice, through the real espeak-ng."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._pitch import Pitch, pitch_of
from episodec.backends.espeak.backend import EspeakBackend
from episodec.backends.espeak.install import installed_at
from episodec.backends.espeak.traits import Traits
from episodec.backends.espeak.voices import PITCHES, VARIANTS, Speaker, reaching, speaker
from episodec.contracts.hold import hold
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError
from episodec.spec.fit import speech_s
from tests.backends.speech import CALIBRATED, read_speech, speech_order, tokens
from tests.standins.checks import Digests

ROOT = Path(__file__).parents[2]

MIXED = "Generated через Flux dot 1 dev plus character LoRA — 1024 pixels."


def spoken(order: WorkOrder) -> WorkOrder:
    EspeakBackend().run(order)
    hold(order)
    return order


def content(order: WorkOrder) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in order.outputs.values())


def test_russian_and_english_are_both_pronounced(tmp_path: Path) -> None:
    _, actual = read_speech(spoken(speech_order(tmp_path, MIXED)))
    by_name = {one.word: "".join(sound.name for sound in one.phonemes) for one in actual.words}
    assert list(by_name) == [
        "Generated",
        "через",
        "Flux",
        "dot",
        "1",
        "dev",
        "plus",
        "character",
        "LoRA —",
        "1024",
        "pixels.",
    ]
    assert by_name["Generated"] == "dʒˈɛnəɹˌeɪtɪd"  # English, by an English "r".
    assert by_name["через"].startswith("tʃʲˈer")  # Russian.
    assert by_name["1"] == "ʌdʲˈin"
    assert all(by_name.values())


@pytest.mark.parametrize("language", ["en", "en-GB", "ru", "de"])
def test_russian_is_russian_in_a_text_of_any_language(tmp_path: Path, language: str) -> None:
    _, actual = read_speech(spoken(speech_order(tmp_path, "Это через image.", language=language)))
    assert "".join(sound.name for sound in actual.words[1].phonemes).startswith("tʃʲˈer")


def test_words_sound_in_order_inside_the_speech(tmp_path: Path) -> None:
    samples, actual = read_speech(spoken(speech_order(tmp_path, MIXED)))
    assert actual.samples == len(samples)
    assert actual.timing == "measured"
    edges = [edge for one in actual.words for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert edges[-1] <= len(samples)
    for word in actual.words:
        assert np.abs(samples[word.start : word.end]).max() > 0.02, word.word
        assert word.start <= word.phonemes[0].start < word.phonemes[-1].end <= word.end
    assert np.abs(samples[:200]).max() < 0.01  # It begins and ends in silence, so that joins do not click.
    assert np.abs(samples[-200:]).max() < 0.01
    assert 0.05 < np.abs(samples).max() < 0.99


def test_the_written_form_stays_where_the_lexicon_speaks(tmp_path: Path) -> None:
    lexicon = {"npy": "эн пи уай"}
    order = spoken(speech_order(tmp_path / "a", "Это ref.npy тут.", lexicon=lexicon))
    _, actual = read_speech(order)
    assert [one.word for one in actual.words] == ["Это", "ref.npy", "тут."]
    assert "ˈɛn" in "".join(sound.name for sound in actual.words[1].phonemes)
    assert content(spoken(speech_order(tmp_path / "b", "Это ref.npy тут."))) != content(order)


def test_the_same_order_gives_the_same_bytes_in_any_process_and_at_once(tmp_path: Path) -> None:
    orders = [speech_order(tmp_path / str(index), MIXED) for index in range(6)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(spoken, orders))
    assert len({content(order) for order in orders}) == 1
    program = (
        "import sys; from pathlib import Path; from tests.backends.speech import speech_order;"
        "from tests.backends.test_espeak import MIXED, spoken; spoken(speech_order(Path(sys.argv[1]), MIXED))"
    )
    there = tmp_path / "there"
    environment = {**os.environ, "LC_ALL": "C", "LANG": "ru_RU.UTF-8", "PYTHONHASHSEED": "7", "MALLOC_PERTURB_": "99"}
    repository = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program, there], cwd=repository, env=environment, check=True)
    assert {path.name: path.read_bytes() for path in (there / "one/out").iterdir()} == {
        name: path.read_bytes() for name, path in orders[0].outputs.items()
    }


def test_every_voice_gives_the_same_bytes_at_another_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoken_bytes(name: str, chosen: Speaker) -> tuple[bytes, ...]:
        monkeypatch.setattr("episodec.backends.espeak.voices.speaker", lambda *_: chosen)
        return content(spoken(speech_order(tmp_path / name, "Это шёпот.")))

    all_voices = [Speaker(one.name, 50, one.range) for one in VARIANTS]
    first = {one.variant: spoken_bytes(f"{one.variant}-first", one) for one in all_voices}
    second = int(time.time())
    while int(time.time()) == second:  # The library seeds its noise with whole seconds.
        time.sleep(0.05)
    assert {one.variant: spoken_bytes(f"{one.variant}-second", one) for one in all_voices} == first


def pitch(order: WorkOrder) -> Pitch:
    return pitch_of(read_speech(spoken(order))[0], 48_000)


def test_each_character_has_a_voice_of_its_own(tmp_path: Path) -> None:
    spoken_by = [spoken(speech_order(tmp_path / str(seed), "Это проверка голоса.", seed=seed)) for seed in range(8)]
    assert len({content(order)[0] for order in spoken_by}) == 8
    pitches = [pitch_of(read_speech(order)[0], 48_000).median_hz for order in spoken_by]
    assert max(pitches) > 1.2 * min(pitches)
    assert all(75 < one < 240 for one in pitches)


LIVELY = (
    "Замените картинку, и перестроится всё изображение, но голос не изменится ни на бит. "
    "Каждый столбец описывает сорок шесть миллисекунд речи, а каждое число выбирает запись."
)


@pytest.mark.parametrize("register", [(85.0, 145.0), (145.0, 180.0), (180.0, 230.0)])
def test_a_character_speaks_in_its_register_and_livelily(tmp_path: Path, register: tuple[float, float]) -> None:
    for seed in (1, 5):
        actual = pitch(speech_order(tmp_path / str(seed), LIVELY, seed=seed, register=list(register)))
        assert register[0] <= actual.median_hz <= register[1]
        assert actual.spread_st >= 2.5


def test_alpha_speaks_as_high_as_she_looks(tmp_path: Path) -> None:
    order = speech_order(tmp_path, LIVELY, register=[180.0, 230.0], characters_per_second=20.0)
    actual = pitch(replace(order, inputs={"tokens.npy": (ROOT / "episodes/characters/alpha/ref_alpha.npy",)}))
    assert 180 <= actual.median_hz <= 230
    assert actual.spread_st >= 2.5


def test_a_character_without_tokens_has_the_plain_voice(tmp_path: Path) -> None:
    actual = pitch(speech_order(tmp_path, LIVELY, seed=None))
    assert 100 < actual.median_hz < 130
    assert actual.spread_st >= 2.5


def test_a_register_holds_without_tokens_too(tmp_path: Path) -> None:
    assert 180 <= pitch(speech_order(tmp_path, LIVELY, seed=None, register=[180, 230])).median_hz <= 230


@pytest.mark.parametrize("register", [[60, 70], [300, 400]])
def test_a_register_that_no_voice_has_is_refused_with_those_there_are(tmp_path: Path, register: list[float]) -> None:
    with pytest.raises(BackendError, match="register") as caught:
        spoken(speech_order(tmp_path, "Да.", register=register))
    assert caught.value.facts["possible"] == "80 to 274 Hz"


@given(
    st.tuples(st.floats(80, 260), st.floats(1, 150)),
    st.none() | st.builds(Traits, *[st.floats(0, 1)] * 3, st.integers(0, 255)),
)
def test_whoever_is_chosen_is_within_the_register(place: tuple[float, float], of: Traits | None) -> None:
    register = (place[0], place[0] + place[1])
    try:
        actual = speaker(register, of)
    except BackendError:
        assert not reaching(VARIANTS, register)
        return
    (variant,) = [one for one in VARIANTS if one.name == actual.variant]
    hz = float(np.interp(actual.pitch, PITCHES[: len(variant.medians_hz)], variant.medians_hz))
    assert register[0] - 2 <= hz <= register[1] + 2  # A step of the pitch is some 2 Hz.
    assert variant.range - 4 <= actual.range <= variant.range


NARRATIONS = [
    "Это canonical reference image для проекта: front-facing portrait Альфы, purple hair, neutral expression.",
    "Fish Speech кодирует voice sample в semantic plus acoustic tokens и сохраняет как npy array.",
    "Если этот image меняется, character identity меняется через всю pipeline.",
    "Every episode is compiled from a spec, and only what changed is made again.",
    "Камера плавно обходит героиню по кругу, а время сцены идёт по петле.",
]


@pytest.mark.parametrize("pace", [12.0, 15.0, 18.0])
def test_the_pace_is_the_characters(tmp_path: Path, pace: float) -> None:
    actual = [
        read_speech(spoken(speech_order(tmp_path / str(index), text, characters_per_second=pace)))[1].samples / 48_000
        for index, text in enumerate(NARRATIONS)
    ]
    assert sum(actual) == pytest.approx(sum(speech_s(text, pace) for text in NARRATIONS), rel=0.04)
    assert CALIBRATED == 15.0


@pytest.mark.parametrize("pace", [2.0, 60.0])
def test_a_pace_that_the_voice_has_not_is_refused(tmp_path: Path, pace: float) -> None:
    with pytest.raises(BackendError, match="pace") as caught:
        spoken(speech_order(tmp_path, "Да.", characters_per_second=pace))
    assert "9.2 to 39.1" in caught.value.facts["possible"]


@pytest.mark.parametrize("text", ["…", "— !", "😀", "😀👩‍👧 🇷🇺", "", "\u0301"])
def test_nothing_to_say_is_an_error_that_names_the_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(BackendError, match="nothing to say") as caught:
        spoken(speech_order(tmp_path, text))
    assert text in caught.value.facts["sentence"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("Это 漢字.", "ru"), ("שלום", "en"), ("αβγ", "ru"), ("नमस्ते", "ru"), ("กข", "en"), ("𝐀𝐁", "ru"), ("漢字", "ru")],
)
def test_a_script_that_the_voice_cannot_pronounce_is_an_error_that_names_it(
    tmp_path: Path, text: str, language: str
) -> None:
    with pytest.raises(BackendError, match="script") as caught:
        spoken(speech_order(tmp_path, text, language=language))
    assert "lexicon" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        "<speak>Привет <break time='30s'/> мир</speak>",
        "[[aI aI]] &amp; <voice name='x'>",
        "тест\x00нуль\x07\x1b[31m",
        "Улыбка 😀 и флаг 🇷🇺 тут",
        "50 % от 3 € — это №1 × 2",
        "ё́лка cafe\u0301 naïve Straße",
        "a" * 60,
        "https://example.org/a?b=c&d=e",
    ],
)
def test_hostile_text_is_text(tmp_path: Path, text: str) -> None:
    samples, actual = read_speech(spoken(speech_order(tmp_path, text)))
    assert 0.2 < len(samples) / 48_000 < 15
    assert " ".join(one.word for one in actual.words) == " ".join(text.split())


def test_ten_thousand_characters_are_all_said(tmp_path: Path) -> None:
    _, actual = read_speech(spoken(speech_order(tmp_path, "слово, image " * 770)))
    assert len(actual.words) == 1540
    assert all(one.phonemes for one in actual.words)


def test_a_word_that_the_library_would_cut_in_silence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="too long to be spoken"):
        spoken(speech_order(tmp_path, "Это " + "1" * 300))


def test_a_long_path_to_the_package_changes_nothing(tmp_path: Path) -> None:
    import shutil

    deep = tmp_path / ("x" * 120) / ("y" * 120)
    shutil.copytree(installed_at(), deep / "espeakng_loader", ignore=shutil.ignore_patterns("*_dict", "voices"))
    data = deep / "espeakng_loader/espeak-ng-data"
    for name in ("ru_dict", "en_dict"):
        shutil.copy(installed_at() / "espeak-ng-data" / name, data)
    shutil.copytree(installed_at() / "espeak-ng-data/voices", data / "voices")
    here = content(spoken(speech_order(tmp_path / "here", "Это проверка.")))
    program = (
        "import os, sys; from pathlib import Path;"
        "sys.path.insert(sys.path.index(os.path.dirname(os.__file__)) + 1, sys.argv[2]);"
        "from tests.backends.speech import speech_order; from tests.backends.test_espeak import spoken;"
        "spoken(speech_order(Path(sys.argv[1]), 'Это проверка.'))"
    )
    argv = [sys.executable, "-c", program, str(tmp_path / "there"), str(deep)]
    subprocess.run(argv, cwd=Path(__file__).parents[2], check=True)
    assert (tmp_path / "there/one/out/speech.wav").read_bytes() == here[0]


def test_the_library_is_never_loaded_into_our_process(tmp_path: Path) -> None:
    spoken(speech_order(tmp_path, "Да."))
    assert "espeakng_loader" not in sys.modules
    maps = Path("/proc/self/maps")
    assert not maps.exists() or "espeak" not in maps.read_text()


def test_what_the_library_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot speak") as caught:
        spoken(speech_order(tmp_path, "Hello.", language="qq-none"))
    assert "there is no voice qq-none" in caught.value.facts["said"]


def test_the_fingerprint_names_what_decides_the_sound_and_no_paths() -> None:
    actual = EspeakBackend().fingerprint({}, Digests())
    assert set(actual.parts) == {"library", "data"}
    assert "/" not in str(actual.parts)


@pytest.mark.parametrize("name", ["voices/!v/m1", "de_dict", "phontab", "lang/gmw/de"])
def test_every_file_of_the_data_decides_and_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    home = tmp_path / "espeakng_loader"
    shutil.copytree(installed_at(), home)
    at = sys.path.index(str(Path(os.__file__).parent)) + 1  # What stands before is PYTHONPATH, which workers have not.
    monkeypatch.setattr(sys, "path", [*sys.path[:at], str(tmp_path), *sys.path[at:]])
    before = EspeakBackend().fingerprint({}, Digests())
    with (home / "espeak-ng-data" / name).open("ab") as file:
        file.write(b"\npitch 200 260\n")
    assert EspeakBackend().fingerprint({}, Digests()).parts != before.parts
    assert str(home / "espeak-ng-data" / name) in before.watches


def test_a_library_that_pythonpath_names_is_neither_used_nor_digested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "espeakng_loader").mkdir()
    (tmp_path / "espeakng_loader/__init__.py").touch()
    home, actual = installed_at(), EspeakBackend().fingerprint({}, Digests())
    monkeypatch.syspath_prepend(tmp_path)
    assert installed_at() == home
    assert EspeakBackend().fingerprint({}, Digests()) == actual


def test_tokens_that_differ_in_one_code_are_near() -> None:
    import io

    from episodec.backends.espeak.traits import traits

    codes = np.load(io.BytesIO(tokens(1)))
    changed = codes.copy()
    changed[3, 7] = (changed[3, 7] + 500) % 1000
    first, other = traits(codes), traits(changed)
    assert first.shade != other.shade
    for name in ("timbre", "height", "liveliness"):
        assert getattr(first, name) == pytest.approx(getattr(other, name), abs=0.02)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Это image.", "ru", []),
        ("An image.", "en", []),
        ("An image.", "en-GB", []),
        (
            "Un dessin🙂 ici.",
            "fr",
            [("characters-not-spoken", "emoji and invisible characters are not spoken: «dessin🙂»")],
        ),
        (
            "Это image.",
            "en",
            [
                (
                    "voice-of-another-language",
                    "a sentence has letters not used in en and is spoken by the voice of ru",
                )
            ],
        ),
        ("An image.", "en-AU", []),  # By the voice of en, whose accent is another.
    ],
)
def test_what_is_spoken_otherwise_than_it_is_written_is_told(
    tmp_path: Path, text: str, language: str, expected: list[tuple[str, str]]
) -> None:
    order = spoken(speech_order(tmp_path, text, language=language))
    assert [(note.code, note.sentence) for note in order.notes] == expected
