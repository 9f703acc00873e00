"""Who does a stage: what is asked for and cannot be had is said at once, and at its place."""

from pathlib import Path

import pytest

from episodec.errors import UsageError
from episodec.project.loading import Asked
from tests.builds.studio import Studio
from tests.builds.test_hybrid_matrix import SERIES, start, write


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path).start(1)


def test_overrides_of_unknown_stages_and_backends_are_refused_all_at_once(studio: Studio) -> None:
    with pytest.raises(UsageError) as caught:
        studio.build(asked=Asked(backends={"vioce": "say", "voice": "sya", "foley": "noise"}))
    assert caught.value.facts == {
        "vioce=say": "there is no stage `vioce`",
        "voice=sya": "there is no backend `sya` for stage `voice`",
    }
    assert caught.value.hint == "did you mean `voice`?; did you mean `say`?"


def test_an_override_of_a_stage_that_takes_a_recording_is_refused_at_the_recording(studio: Studio) -> None:
    studio.write("episodes/media/voice.wav", "words")
    spec = studio.root / "episodes/001.episode.yaml"
    spec.write_text(spec.read_text().replace("voice: {text: Words of episode 1.}", "voice: {file: media/voice.wav}"))
    assert studio.build(asked=Asked(backends={"voice": "file"})).exit_code == 0
    outcome = studio.build(asked=Asked(backends={"voice": "say"}))
    (found,) = outcome.diagnostics
    assert (found.code, found.span and found.span.line) == ("E209", 4)
    assert found.message == "`--backend voice=say` would do nothing: `voice.file` takes its place"


def test_a_stage_that_takes_a_recording_and_names_none_is_refused_at_its_line(studio: Studio) -> None:
    outcome = studio.build(asked=Asked(backends={"voice": "file"}))
    (found,) = outcome.diagnostics
    assert (found.code, found.span and found.span.line) == ("E240", 4)
    assert found.message == "the backend `file` takes a recording, and `voice` names none"


def test_a_ready_video_with_another_backend_is_refused(studio: Studio) -> None:
    studio.episode(1, more="backends: {video: say}\n")
    assert studio.codes(studio.build()) == ["E209"]


def test_every_stage_that_nobody_does_is_told_at_once(tmp_path: Path) -> None:
    studio = start(tmp_path)
    nobody = SERIES.replace("voice: say, views: around, motion: moving, train: points, ", "mux: sya, ")
    studio.write("episodes/series.yaml", nobody.replace("mux: say", "foley: say"))
    outcome = studio.build("episodes/001.episode.yaml")
    assert [(one.code, one.message) for one in outcome.diagnostics] == [
        ("P504", "profile `draft` names no backend for stage `voice`"),
        ("P504", "profile `draft` names no backend for stage `views`"),
        ("P504", "profile `draft` names no backend for stage `motion`"),
        ("P504", "profile `draft` names no backend for stage `train`"),
        ("P502", "there is no backend `sya` for stage `mux`"),
    ]


def test_a_stage_that_nobody_does_hides_no_other_fault_of_the_episode(tmp_path: Path) -> None:
    studio = start(tmp_path)
    write(studio, MORE="backends: {scene: say}")
    studio.write("episodes/series.yaml", SERIES.replace("voice: say, ", ""))
    assert sorted(studio.codes(studio.build("episodes/001.episode.yaml"))) == ["E241", "P504"]
