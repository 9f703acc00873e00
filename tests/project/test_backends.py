"""The choice of a stage's backend: one that cannot be used is reported at once, and at its place."""

import re
import time
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.digest import digest_bytes
from episodec.errors import UsageError
from episodec.project.backends import Backends
from episodec.project.command_overrides import CommandOverrides
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout
from episodec.store.signature import GRAIN_NS
from tests.builds.studio import Studio
from tests.builds.test_hybrid_matrix import CHARACTER, SERIES, filled, start, write


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path).start(1)


def test_overrides_of_unknown_stages_and_backends_are_refused_all_at_once(studio: Studio) -> None:
    with pytest.raises(UsageError) as caught:
        studio.build(asked=CommandOverrides(backends={"vioce": "say", "voice": "sya", "foley": "noise"}))
    assert caught.value.facts == {
        "vioce=say": "there is no stage `vioce`",
        "voice=sya": "there is no backend `sya` for stage `voice`",
    }
    assert caught.value.hint == "did you mean `voice`?; did you mean `say`?"


def test_an_override_of_a_stage_that_takes_a_recording_is_refused_at_the_recording(studio: Studio) -> None:
    studio.write("episodes/media/voice.wav", "words")
    spec = studio.root / "episodes/001.episode.yaml"
    spec.write_text(spec.read_text().replace("voice: {text: Words of episode 1.}", "voice: {file: media/voice.wav}"))
    assert studio.build(asked=CommandOverrides(backends={"voice": "file"})).exit_code == 0
    outcome = studio.build(asked=CommandOverrides(backends={"voice": "say"}))
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.span and actual.span.line) == ("E209", 4)
    assert actual.message == "`--backend voice=say` would do nothing: `voice.file` takes its place"


def test_a_stage_that_takes_a_recording_and_names_none_is_refused_at_its_line(studio: Studio) -> None:
    outcome = studio.build(asked=CommandOverrides(backends={"voice": "file"}))
    (actual,) = outcome.diagnostics
    assert (actual.code, actual.span and actual.span.line) == ("E240", 4)
    assert actual.message == "the backend `file` reads an author's file, but `voice.file` names none"


def test_a_ready_video_with_another_backend_is_refused(studio: Studio) -> None:
    studio.episode(1, more="backends: {video: say}\n")
    assert studio.codes(studio.build()) == ["E209"]


@pytest.mark.parametrize(
    ("stage", "backend", "field", "more"),
    [
        ("views", "mesh", "`scene.views.model` of character.yaml", ""),
        ("views", "images", "`scene.views.images` of character.yaml", ""),
        ("motion", "images", "`scene.motion.images` of character.yaml", ""),
        ("motion", "video", "`scene.motion.video` of character.yaml", ""),
        ("scene", "ply", "`scene.file`", "scene: portrait"),
        ("scene", "4dgs-checkpoint", "`scene.deformation`", "scene: portrait"),
        ("voice", "file", "`voice.file`", ""),
    ],
)
@pytest.mark.parametrize("place", ["option", "profile"])
def test_a_backend_whose_file_nobody_names_is_refused(
    tmp_path: Path, stage: str, backend: str, field: str, more: str, place: str
) -> None:
    studio = start(tmp_path)
    studio.backends = {**studio.backends, "file": BUILTIN["file"]}
    write(studio, MORE=more)
    if place == "profile":
        studio.write("episodes/series.yaml", re.sub(rf"\b{stage}: \w+", f"{stage}: {backend}", SERIES))
    asked = CommandOverrides(backends={stage: backend} if place == "option" else {})
    (actual,) = studio.build("episodes/001.episode.yaml", asked=asked).diagnostics
    assert (actual.code, actual.message) == (
        "E240",
        f"the backend `{backend}` reads an author's file, but {field} names none",
    )


def modelled(root: Path, more: str = "") -> Studio:
    """A series whose character has a mesh, and whose first episode says more."""
    studio = start(root)
    write(studio, MORE=more)
    text = filled(CHARACTER).replace("views: {count: 3}", "views: {count: 3, model: alpha.glb}")
    studio.write("episodes/characters/alpha/character.yaml", text)
    studio.write("episodes/characters/alpha/alpha.glb", "a mesh")
    return studio


def test_an_option_against_the_characters_file_is_told_at_its_field(tmp_path: Path) -> None:
    studio = modelled(tmp_path)
    (actual,) = studio.build(
        "episodes/001.episode.yaml", asked=CommandOverrides(backends={"views": "around"})
    ).diagnostics
    field = "`scene.views.model` of character.yaml"
    assert (actual.code, actual.path) == ("E209", "episodes/characters/alpha/character.yaml")
    assert actual.message == f"`--backend views=around` would do nothing: {field} takes its place"
    assert actual.help == f"remove {field}, or build this episode without the option"
    assert actual.span is not None
    assert actual.span.line == 4


@pytest.mark.parametrize(
    ("stage", "more", "field"),
    [
        ("views", "backends: {views: around}", "`scene.views.model` of character.yaml"),
        ("scene", "scene: {file: points.ply}\nbackends: {scene: say}", "`scene.file`"),
        ("scene", "scene: {file: points.ply}\nbackends: {scene: 4dgs-checkpoint}", "`scene.file`"),
    ],
)
def test_a_backend_that_would_not_use_the_named_file_is_refused(
    tmp_path: Path, stage: str, more: str, field: str
) -> None:
    studio = modelled(tmp_path, more)
    studio.write("episodes/points.ply", "points")
    (actual,) = studio.build("episodes/001.episode.yaml").diagnostics
    assert (actual.code, actual.path) == ("E209", "episodes/001.episode.yaml")
    assert f"would not use the file that {field} names" in actual.message
    assert actual.span is not None
    assert f"{stage}: " in (studio.root / actual.path).read_text().splitlines()[actual.span.line - 1]


def test_stages_that_the_scene_does_not_have_are_told_at_their_lines(tmp_path: Path) -> None:
    studio = start(tmp_path)
    write(studio, MORE="scene: {file: points.ply}\nbackends: {train: points}\noverrides: {views: {slices: 3}}")
    studio.write("episodes/points.ply", "points")
    diagnostics = studio.build("episodes/001.episode.yaml").diagnostics
    lines = (studio.root / "episodes/001.episode.yaml").read_text().splitlines()
    assert [(one.code, one.message, one.span and lines[one.span.line - 1]) for one in diagnostics] == [
        ("E241", f"`{said}` would be ignored: the episode names a scene file", line)
        for said, line in (
            ("backends.train", "backends: {train: points}"),
            ("overrides.views", "overrides: {views: {slices: 3}}"),
        )
    ]


def test_a_backend_of_the_plan_is_not_named_in_vain(tmp_path: Path) -> None:
    studio = start(tmp_path)
    write(studio, MORE="backends: {plan: nobody}")
    assert studio.codes(studio.build("episodes/001.episode.yaml")) == ["P502"]


def test_every_stage_that_nobody_does_is_told_at_once(tmp_path: Path) -> None:
    studio = start(tmp_path)
    nobody = SERIES.replace("voice: say, views: around, motion: moving, train: points, ", "mux: sya, ")
    studio.write("episodes/series.yaml", nobody.replace("mux: say", "foley: say"))
    outcome = studio.build("episodes/001.episode.yaml")
    assert [(one.code, one.message) for one in outcome.diagnostics] == [
        ("P502", "there is no backend `sya` for stage `mux`"),
        ("P504", "profile `draft` names no backend for stage `voice`"),
        ("P504", "profile `draft` names no backend for stage `views`"),
        ("P504", "profile `draft` names no backend for stage `motion`"),
        ("P504", "profile `draft` names no backend for stage `train`"),
    ]


def test_a_stage_that_nobody_does_hides_no_other_fault_of_the_episode(tmp_path: Path) -> None:
    studio = start(tmp_path)
    write(studio, MORE="backends: {scene: say}")
    studio.write("episodes/series.yaml", SERIES.replace("voice: say, ", ""))
    assert sorted(studio.codes(studio.build("episodes/001.episode.yaml"))) == ["E241", "P504"]


def test_another_value_of_a_setting_is_another_fingerprint(tmp_path: Path) -> None:
    models = [tmp_path / name for name in ("one.bin", "two.bin")]
    for model in models:
        model.write_text(model.name)
    time.sleep(2 * GRAIN_NS / 1e9)  # A fingerprint of younger files is not remembered.
    index = Index(open_layout(tmp_path / "cache"))
    messages = []
    for model in (*models, models[0]):
        settings = {"model": {"model": str(model)}}
        backends = Backends(index, FileDigests(index, tmp_path), settings, "", {"model": "tests.toys.backends:Model"})
        messages.append(backends.fingerprint("voice", "model")["model"])
    assert messages == [digest_bytes(model.name.encode()) for model in (*models, models[0])]
    index.close()


@pytest.mark.parametrize(
    "harm",
    [
        "parts = '{}'",
        'parts = \'{"model": "xxh3-128:0"}\'',
        "parts = replace(parts, 'xxh3-128:', 'xxh3-128:0')",
        "parts = (SELECT parts FROM fingerprints WHERE name = 'other')",
        "watches = (SELECT watches FROM fingerprints WHERE name = 'other')",
        'watches = \'{"watches": {}, "code": {}, "whole": ""}\'',
        "watches = '{}'",
        "watches = 7",
    ],
)
def test_a_fingerprint_that_is_not_as_it_was_kept_is_damage(tmp_path: Path, harm: str) -> None:
    settings = {name: {"model": str(tmp_path / name)} for name in ("model", "other")}
    for name in settings:
        (tmp_path / name).write_text(name)
    time.sleep(2 * GRAIN_NS / 1e9)  # A fingerprint of younger files is not remembered.
    index = Index(open_layout(tmp_path / "cache"))

    def fingerprint_parts() -> list[object]:
        targets = dict.fromkeys(settings, "tests.toys.backends:Model")
        backends = Backends(index, FileDigests(index, tmp_path), settings, "", targets)
        return [(backends.fingerprint("voice", name), backends.inputs("voice", name)) for name in settings]

    first = fingerprint_parts()
    assert fingerprint_parts() == first
    assert index.replaced == 0
    index.write(f"UPDATE fingerprints SET {harm} WHERE name = 'model'")
    assert fingerprint_parts() == first
    assert index.replaced == 1
    index.close()


def test_a_backend_is_asked_again_only_when_its_code_settings_or_files_changed(tmp_path: Path) -> None:
    program, asked = tmp_path / "ffmpeg", tmp_path / "asked"

    def version(number: int) -> None:
        program.write_text(f"#!/bin/sh\necho . >> {asked}\necho ffmpeg version {number}\n")
        program.chmod(0o755)
        time.sleep(2 * GRAIN_NS / 1e9)  # A fingerprint of younger files is not remembered.

    index = Index(open_layout(tmp_path / "cache"))

    def fingerprint_with(compiler: str) -> tuple[object, int]:
        settings = {"aac": {"ffmpeg": str(program)}}
        actual = Backends(index, FileDigests(index, tmp_path), settings, compiler).fingerprint("audio", "aac")
        return actual["ffmpeg"], len(asked.read_text().split())

    version(1)
    assert [fingerprint_with("one state of our code"), fingerprint_with("another")] == [("1", 1), ("1", 1)]
    version(2)
    assert [fingerprint_with("another"), fingerprint_with("a third")] == [("2", 2), ("2", 2)]
    index.close()
