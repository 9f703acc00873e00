"""Documents to values: defaults of the series, names, versions, and what only a whole file can get wrong."""

import pytest

from episodec.spec import naming
from episodec.spec.codes import CODES
from episodec.spec.parse import conform
from episodec.spec.references import references
from episodec.spec.types import Series
from episodec.spec.types_of_delivery import Gate, PostForm, PostTexts
from episodec.spec.types_of_sound import Duck, Mix
from episodec.spec.version import upgrade
from tests.spec.specs import ALPHA, EPISODE, LANGUAGE, SERIES, accepted, character, codes, document, episode, series


def test_an_episode_takes_what_it_does_not_say_from_its_series() -> None:
    of = Series("x", season="s", character="alpha", disclosure="Yes.", rate=25, frames=750, language="ru")
    first = accepted(EPISODE, of)
    assert (first.season, first.character, first.rate, first.frames, first.language) == ("s", "alpha", 25, 750, "ru")
    assert accepted(EPISODE + "rate: 50\nseason: t\n", of).rate == 50


def test_sections_are_merged_field_by_field() -> None:
    of = Series(
        "x",
        character="a",
        season="s",
        disclosure="Yes.",
        mix=Mix(-20.0, Duck(6.0)),
        lexicon={"npy": "en pee why", "gpu": "gee pee you"},
        checks={"psnr_db": Gate(min=25.0, severity="warn"), "mean": Gate(max=200.0)},
    )
    text = "mix: {duck: {attack_ms: 40}}\nlexicon: {npy: numpy file}\nchecks: {psnr_db: {min: 30}}\n"
    first = accepted(EPISODE + text, of)
    assert first.mix == Mix(-20.0, Duck(6.0, 40.0))
    assert first.lexicon == {"npy": "numpy file", "gpu": "gee pee you"}
    assert first.checks == {"psnr_db": Gate(min=30.0, severity="warn"), "mean": Gate(max=200.0)}


def test_the_form_of_a_post_is_the_series_unless_the_episode_has_its_own() -> None:
    of = Series("x", character="a", season="s", disclosure="Yes.", post=PostForm(footer="— {signature}", signature="A"))
    first = accepted(EPISODE + "post: {body: '## {any}', signature: B}\n", of)
    assert first.post == PostTexts(body="## {any}", footer="— {signature}", signature="B")
    assert accepted(EPISODE, of).post == PostTexts(footer="— {signature}", signature="A")


def test_an_unknown_placeholder_in_the_series_is_told_at_its_place() -> None:
    parsed, (only,) = series("episodec: 1\ntitle: A\npost:\n  footer: |\n    - {number}\n    - {nubmer}\n")
    assert parsed is None
    assert (only.code, only.span and only.span.line, only.help) == ("E290", 6, "did you mean `{number}`?")


@pytest.mark.parametrize(
    ("of", "code"),
    [
        (Series("x", season="s", disclosure="Yes."), "E217"),
        (Series("x", character="a", disclosure="Yes."), "E218"),
        (Series("x", character="a", season="s"), "E211"),
    ],
)
def test_what_neither_says_is_an_error(of: Series, code: str) -> None:
    assert codes(episode(EPISODE, of)[1]) == [code]


def test_a_series_without_seasons_needs_none() -> None:
    of = Series("x", character="a", disclosure="Yes.", naming="{character}-{number:04}")
    first = accepted(EPISODE, of)
    assert (first.season, first.name) == ("", "a-0072")


@pytest.mark.parametrize(
    "template",
    [
        "{number.__class__}",
        "{number!r}",
        "{character[0]}_{number}",
        "{0}",
        "{}",
        "{number:>99999999}",
        "{season:03}_{number}",
        "{{number}}",
        "{number",
        "number}",
        "same for all",
        "sam_e",
        "a/{number}",
        "../{number}",
        ".{number}",
        "-{number}",
        "{number}\n",
        "серия{number}",
        "x" * 100 + "{number}",
    ],
)
def test_a_hostile_naming_template_is_refused(template: str) -> None:
    actual = series(f"episodec: 1\ntitle: x\nnaming: {template!r}\n".replace("\\n", "\\\\n"))[1]
    assert actual
    assert set(codes(actual)) <= {"E215", "E216"}


@pytest.mark.parametrize("name", ["con", "NUL.txt", "com1", "a.", "a b", "é", "", "a" * 101])
def test_names_that_some_system_refuses_are_refused(name: str) -> None:
    assert naming.complain(name)


@pytest.mark.parametrize("name", ["alpha_d13_episode72", "a.b-c_1", "_x", "console", "a" * 100])
def test_ordinary_names_are_safe(name: str) -> None:
    assert naming.complain(name) is None


def test_older_specs_are_upgraded_step_by_step() -> None:
    upgrades = {
        1: lambda tree: {("title" if name == "headline" else name): value for name, value in tree.items()},
        2: lambda tree: {**tree, "tags": [tree["tags"]]},
    }
    old = document("episodec: 1\nheadline: x\ntags: a\n")
    new, actual = upgrade(old, upgrades, current=3)
    assert not actual
    assert new is not None
    assert new.tree == {"episodec": 3, "title": "x", "tags": ["a"]}
    assert codes(upgrade(document("episodec: 4\n"), upgrades, current=3)[1]) == ["S108"]


@pytest.mark.parametrize("version", ["2", "0", "-1", '"1"', "true", "1.5", "[1]", ""])
def test_an_unknown_version_is_refused(version: str) -> None:
    assert codes(episode(f"episodec: {version}\n")[1]) == ["S108"]


def test_the_settings_of_a_machine_have_a_schema_too() -> None:
    assert conform(document("episodec: 1\ngpus: [0]\nbackends: {fish-speech: {home: /opt}}\n"), "local", LANGUAGE)[0]
    assert codes(conform(document("episodec: 1\ngpu: 0\n"), "local", LANGUAGE)[1]) == ["S101"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("profile: prod\nprofiles: {draft: {}}\n", "E221"),
        ("profiles: {draft: {backends: {vioce: espeak}}}\n", "E210"),
        ("language: en_GB\n", "E212"),
        ("checks: {psnr_db: {min: 3, max: 1}}\n", "E219"),
        ("rate: 29.97\n", "S104"),
    ],
)
def test_a_series_is_checked(text: str, code: str) -> None:
    assert codes(series("episodec: 1\ntitle: x\n" + text)[1]) == [code]


def test_a_character_names_its_files_by_its_folder() -> None:
    first, actual = character("episodec: 1\ntitle: Alpha\nboxes: {face: [1, 2, 3, 4]}\n")
    assert not actual
    assert first is not None
    assert first.boxes == {"face": (1, 2, 3, 4)}
    names = [(r.text, r.span, r.role) for r in references(first, document("episodec: 1\n"))]
    assert names == [("alpha-ref.png", None, "portrait"), ("ref_alpha.npy", None, "voice.tokens")]


def test_all_files_that_an_episode_names_are_known() -> None:
    text = EPISODE + (
        "voice: {file: v.wav, timings: v.vtt}\nfoley: {file: f.wav}\nscene: {file: s.ply}\n"
        "camera:\n  - {move: static, frames: 450}\n  - {move: file, frames: 450, file: c.json}\n"
    )
    named = references(accepted(text), document(text))
    assert [(one.text, one.role) for one in named] == [
        ("v.wav", "voice.file"),
        ("v.vtt", "voice.timings"),
        ("f.wav", "foley.file"),
        ("s.ply", "scene.file"),
        ("c.json", "camera[1].file"),
    ]
    assert all(one.span for one in named)


@pytest.mark.parametrize(
    "tag",
    ["ru", "en-GB", "zh-Hant-TW", "de-CH-1996", "es-419", "sl-rozaj-biske", "en-x-mine", "sr-Latn-RS-u-co-phonebk"],
)
def test_language_tags(tag: str) -> None:
    assert accepted(EPISODE + f"language: {tag}\n").language == tag


def test_a_recording_may_be_of_any_length() -> None:
    text = "word " * 2000
    voice = accepted(EPISODE + f"voice: {{file: v.wav, text: {text}}}\n").voice
    assert voice is not None
    assert voice.text == text.strip()


def test_only_warnings_can_be_allowed() -> None:
    assert all(code.is_allowable for code in CODES.values() if code.severity == "warning")
    assert not any(code.is_allowable for code in CODES.values() if code.severity == "error")


def test_codes_are_named_once() -> None:
    names = [code.name for code in CODES.values()]
    assert len(set(names)) == len(names)
    assert all(key == code.code and code.explanation and code.title for key, code in CODES.items())


def test_the_fit_counts_with_the_character_s_pace() -> None:
    text = EPISODE + "voice: {text: " + "слово " * 100 + "}\n"
    assert ALPHA.voice.characters_per_second == 15.0
    assert codes(episode(text)[1]) == ["E207"]
    assert codes(episode(text + "frames: 1060\n")[1]) == []
    assert codes(episode(text + "frames: 300\n", SERIES)[1]) == ["E206"]


@pytest.mark.parametrize("field", ["title: {}", "tags: [{}]", "foley: {{prompt: rain, note: {}}}"])
@pytest.mark.parametrize("text", ['"two\\nlines"', '"a\\ttab"', '"a\\r\\nb"'])
def test_what_is_shown_on_one_line_has_one(field: str, text: str) -> None:
    """A title goes into a tag of the film, into a heading and into a list."""
    own = EPISODE if not field.startswith("title") else EPISODE.replace("title: A single source of truth\n", "")
    assert codes(episode(own + field.format(text) + "\n")[1]) == ["S106"]


def test_titles_of_series_and_characters_have_one_line() -> None:
    assert codes(character('episodec: 1\ntitle: "a\\nb"\n')[1]) == ["S106"]
    assert "S106" in codes(series('episodec: 1\ntitle: "a\\nb"\ncharacter: alpha\n')[1])
