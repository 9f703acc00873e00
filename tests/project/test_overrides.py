"""Names without effect in a spec are refused at their lines before anything runs: absent stages, unknown overrides."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.errors import UsageError
from episodec.project.command_overrides import CommandOverrides
from episodec.project.tree import locate
from episodec.series.request import Request
from episodec.series.session import Session, opened
from episodec.stages import STAGES
from tests.builds.studio import SERIES, Studio
from tests.toys.backends import Concat

FILMED = """\
episodec: 1
number: 1
title: One
frames: 60
size: [64, 64]
foley: {prompt: 'rain'}
scene: {file: still.ply}
camera:
  - {move: static, frames: 60}
"""
SPOKEN = "voice: {text: One.}\n"
HAS = "foley, mix, audio, plan, plan-picture, scene, render, picture, mux, stills, check, post, entry"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A series whose stages and backends are the real ones."""
    actual = Studio(tmp_path, lower=None, backends=BUILTIN)
    profile = "draft: {backends: {voice: espeak, foley: procedural, scene: relief}}"
    actual.write("episodes/series.yaml", f"{SERIES.partition('profiles')[0]}profiles:\n  {profile}\n")
    actual.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    actual.write("episodes/still.ply", "points")
    return actual


def diagnostics_of(
    studio: Studio, more: str = "", asked: CommandOverrides | None = None
) -> list[tuple[str, str, str, str | None]]:
    """Code, message, the text that is pointed at, and hint of all that is wrong with the episode, which says more."""
    studio.write("episodes/001.episode.yaml", FILMED + more)
    return current_diagnostics(studio, asked)


def current_diagnostics(
    studio: Studio, asked: CommandOverrides | None = None
) -> list[tuple[str, str, str, str | None]]:
    """The same of the series as it is."""
    actual = []
    with session(studio, asked) as series_open:
        series_open.project.validate(series_open.specs)
        for diagnostic in series_open.project.diagnostics:
            assert diagnostic.span is not None, diagnostic
            line = (studio.root / diagnostic.path).read_text().splitlines()[diagnostic.span.line - 1]
            actual.append(
                (
                    diagnostic.code,
                    diagnostic.message,
                    line[diagnostic.span.column - 1 : diagnostic.span.end_column - 1],
                    diagnostic.help,
                )
            )
    return actual


def session(studio: Studio, asked: CommandOverrides | None = None) -> AbstractContextManager[Session]:
    """The series opened, as a command opens it."""
    place = locate(str(studio.root / "episodes"))
    assert place is not None
    request = Request((), asked or CommandOverrides(), environment=studio.environment, backends=studio.backends)
    return opened(place, [], request, studio.notices.append)


def test_what_is_named_in_vain_is_told_before_anything_is_made(studio: Studio) -> None:
    studio.write("episodes/001.episode.yaml", FILMED + "overrides: {render: {samples: 10}}\n")
    outcome = studio.build()
    assert (studio.codes(outcome), outcome.exit_code, studio.ran()) == (["E245"], 1, set())


@pytest.mark.parametrize(
    ("stage", "given"),
    [
        ("encode", "backends: {encode: nosuch}"),
        ("foley-join", "backends: {foley-join: crossfade}"),
        ("video", "backends: {video: file}"),
        ("voice", "backends: {voice: espeak}"),
        ("join", "backends: {join: join}"),
        ("encode", "overrides: {encode: {crf: 10}}"),
        ("foley-join", "overrides: {foley-join: {x: 1}}"),
        ("captions", "overrides: {captions: {}}"),
    ],
)
def test_a_stage_that_the_episode_does_not_have_is_refused_with_those_it_has(
    studio: Studio, stage: str, given: str
) -> None:
    section = given.partition(":")[0]
    sentence = f"`{section}.{stage}` would be ignored: this episode has no stage `{stage}`"
    assert diagnostics_of(studio, given) == [("E244", sentence, stage, f"it has {HAS}")]


def test_a_section_brings_its_stages(studio: Studio) -> None:
    assert diagnostics_of(studio, f"{SPOKEN}backends: {{encode: x264}}\n") == [
        (
            "E244",
            "`backends.encode` would be ignored: this episode has no stage `encode`",
            "encode",
            f"it has voice, join, foley, mix, audio, captions, {HAS.removeprefix('foley, mix, audio, ')}",
        )
    ]


def test_all_that_is_named_in_vain_is_told_at_once(studio: Studio) -> None:
    picture = diagnostics_of(
        studio, "backends:\n  video: file\noverrides:\n  voice: {x: 1}\n  render: {samples: 10, crf: 99}\n"
    )
    assert [(code, place) for code, _, place, _ in picture] == [
        ("E244", "video"),
        ("E244", "voice"),
        ("E245", "samples"),
        ("E246", "99"),
    ]


def test_an_override_that_the_backend_does_not_take_is_told_with_the_near_one_and_those_there_are(
    studio: Studio,
) -> None:
    assert diagnostics_of(studio, "overrides: {render: {perset: slow}, audio: {kbps: 192}, mix: {dither: true}}") == [
        (
            "E245",
            "the backend `rasterise` has no override `perset` in stage `render`",
            "perset",
            "did you mean `preset`? It takes crf, preset",
        ),
        ("E245", "the backend `aac` has no override `kbps` in stage `audio`", "kbps", "it takes bitrate_kbps"),
        ("E245", "the backend `mix` has no override `dither` in stage `mix`", "dither", "it takes none"),
    ]


@pytest.mark.parametrize(
    ("stage", "name", "value", "visible", "expected"),
    [
        ("render", "crf", "0", "0", "a number above 0, at most 51"),
        ("render", "crf", "'18'", '"18"', "a number above 0, at most 51"),
        ("render", "crf", "true", "true", "a number above 0, at most 51"),
        ("audio", "bitrate_kbps", "8", "8", "a whole number from 64 to 320 kbit/s"),
        ("audio", "bitrate_kbps", "96.0", "96.0", "a whole number from 64 to 320 kbit/s"),
        ("stills", "poster_frame", "60", "60", "a whole number from 0 to 59"),
        (
            "render",
            "preset",
            "placebo",
            '"placebo"',
            "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower or veryslow",
        ),
    ],
)
def test_a_value_that_the_backend_does_not_take_is_told_with_what_it_takes(
    studio: Studio, stage: str, name: str, value: str, visible: str, expected: str
) -> None:
    ((code, message, place, hint),) = diagnostics_of(studio, f"overrides: {{{stage}: {{{name}: {value}}}}}")
    assert (code, message) == ("E246", f"`overrides.{stage}.{name}` is {visible}, expected {expected}")
    assert (place, bool(hint)) == (value, True)


def test_overrides_are_those_of_the_backend_that_is_chosen(studio: Studio) -> None:
    steps = "overrides: {foley: {steps: 20}}\n"
    assert [(code, hint) for code, _, _, hint in diagnostics_of(studio, steps)] == [("E245", "it takes none")]
    assert diagnostics_of(studio, f"{steps}backends: {{foley: hunyuan-foley}}\n") == []
    assert diagnostics_of(studio, steps, CommandOverrides(backends={"foley": "hunyuan-foley"})) == []
    more = "overrides: {foley: {steps: 20}, foley-join: {x: 1}}\nbackends: {foley: hunyuan-foley}\n"
    assert [(code, hint) for code, _, _, hint in diagnostics_of(studio, more)] == [("E245", "it takes none")]


@pytest.mark.parametrize(
    ("more", "overridden"), [("", {}), ("overrides: {render: {crf: 20}}\n", {"render": {"crf": 20}})]
)
def test_what_is_not_said_leaves_no_trace_in_params(
    studio: Studio, more: str, overridden: dict[str, dict[str, int]]
) -> None:
    studio.write("episodes/001.episode.yaml", FILMED + more)
    with session(studio) as actual:
        (loaded,) = actual.project.load(actual.specs, actual.specs)
    params = {action.stage: action.params for action in loaded.lowered.actions}
    assert {stage: one["overrides"] for stage, one in params.items() if "overrides" in one} == overridden


def test_a_stage_of_the_schema_is_a_stage_that_there_is(studio: Studio) -> None:
    ((code, message, place, hint),) = diagnostics_of(studio, "overrides: {x: {y: 1}}")
    assert (code, message, place) == ("E210", "there is no stage `x`", "x")
    assert hint == f"there are: {', '.join(STAGES)}"


# What is said for many episodes.


def series(studio: Studio, backends: str) -> None:
    profiles = f"  draft:\n    backends: {{{backends}}}\n  studio:\n    backends: {{voice: elsewhere}}\n"
    studio.write("episodes/series.yaml", f"{SERIES.partition('profiles')[0]}profiles:\n{profiles}")


TWO_PROFILES = """\
profiles:
  draft: {backends: {voice: espeak, foley: procedural, scene: relief}}
  production: {backends: {voice: espeak, foley: hunyuan-foley, scene: relief}}
"""


def two_profiles(studio: Studio, text: str = TWO_PROFILES) -> None:
    studio.write("episodes/series.yaml", SERIES.partition("profiles")[0] + text)


STEPS = "overrides: {foley: {steps: 20}}\n"


@pytest.mark.parametrize("profile", ["draft", "production"])
def test_an_override_is_one_of_the_backend_of_any_profile(studio: Studio, profile: str) -> None:
    two_profiles(studio)
    assert diagnostics_of(studio, STEPS, CommandOverrides(profile)) == []
    with session(studio, CommandOverrides(profile)) as actual:
        (loaded,) = actual.project.load(actual.specs, actual.specs)
    (foley,) = [action for action in loaded.lowered.actions if action.stage == "foley"]
    assert foley.params.get("overrides") == (None if profile == "draft" else {"steps": 20})
    assert loaded.episode.overrides == {"foley": {"steps": 20}}


def test_an_override_that_no_profiles_backend_takes_is_refused_under_all(studio: Studio) -> None:
    two_profiles(studio)
    sentence = "the backend `procedural` has no override `stps` in stage `foley`"
    ((code, message, place, hint),) = diagnostics_of(studio, "overrides: {foley: {stps: 20}}\n")
    assert (code, message, place) == ("E245", sentence, "stps")
    assert hint is not None
    assert hint.startswith("did you mean `steps`? It takes none; `hunyuan-foley`, of another profile, takes ")


def test_a_value_is_held_to_the_backend_of_another_profile(studio: Studio) -> None:
    two_profiles(studio)
    ((code, message, place, _),) = diagnostics_of(studio, "overrides: {foley: {steps: lots}}\n")
    assert (code, place) == ("E246", "lots")
    assert message.startswith('`overrides.foley.steps` is "lots", expected a whole number')


def test_who_names_the_backend_is_held_to_it_under_every_profile(studio: Studio) -> None:
    two_profiles(studio)
    actual = diagnostics_of(studio, f"{STEPS}backends: {{foley: procedural}}\n", CommandOverrides("production"))
    assert [(code, hint) for code, _, _, hint in actual] == [("E245", "it takes none")]


def test_what_a_backend_takes_that_is_installed_elsewhere_is_told_there(studio: Studio) -> None:
    two_profiles(studio, TWO_PROFILES.replace("hunyuan-foley", "farm-foley"))
    assert diagnostics_of(studio, STEPS) == []


def test_a_profile_may_name_backends_of_stages_that_an_episode_does_not_have(studio: Studio) -> None:
    series(studio, "voice: espeak, foley: procedural, scene: relief, train: hybrid, encode: x264, video: file")
    assert diagnostics_of(studio) == []
    assert diagnostics_of(studio, asked=CommandOverrides(backends={"voice": "espeak", "motion": "sway"})) == []


@pytest.mark.parametrize(
    ("stage", "backend", "sentence", "hint"),
    [
        ("train", "hybird", "there is no backend `hybird` for stage `train`", "did you mean `hybrid`?"),
        ("train", "aac", "backend `aac` does not do stage `train`", "it does: audio"),
        ("render", "aac", "backend `aac` does not do stage `render`", "it does: audio"),
    ],
)
def test_a_profile_that_names_an_unfit_backend_is_told_once_at_its_line(
    studio: Studio, stage: str, backend: str, sentence: str, hint: str
) -> None:
    series(studio, f"voice: espeak, foley: procedural, scene: relief, {stage}: {backend}")
    studio.write("episodes/002.episode.yaml", FILMED.replace("number: 1", "number: 2").replace("rain", "wind"))
    assert diagnostics_of(studio) == [("P502", sentence, backend, hint)]


def test_the_command_line_is_held_to_the_same(studio: Studio) -> None:
    with pytest.raises(UsageError) as caught:
        diagnostics_of(
            studio, asked=CommandOverrides(backends={"train": "hybird", "rendr": "rasterise", "render": "aac"})
        )
    assert caught.value.facts == {
        "train=hybird": "there is no backend `hybird` for stage `train`",
        "rendr=rasterise": "there is no stage `rendr`",
        "render=aac": "backend `aac` does not do stage `render`",
    }


def test_a_spec_is_looked_at_again_where_a_backend_of_others_decides_what_it_may_override(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.backends = {**BUILTIN, "ours": "tests.toys.backends:Concat"}
    more = "overrides: {mux: {hint: 1}}\nbackends: {mux: ours}\n"
    assert diagnostics_of(studio, more) == []
    declared = dict(Concat.overrides)
    del declared["hint"]
    monkeypatch.setattr(Concat, "overrides", declared)  # Another version of its package.
    assert [(code, hint) for code, _, _, hint in current_diagnostics(studio)] == [("E245", "it takes none")]
