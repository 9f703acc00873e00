"""Approved takes: locked results of an adapter outlive upgrades, travel in git, and are never made anew silently."""

import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from importlib import invalidate_caches
from pathlib import Path

import pytest

from episodec.building.build import build
from episodec.building.outcome import Outcome
from episodec.building.run_context import Stop
from episodec.engine.action import ActionId
from episodec.engine.events import ActionFailed, ActionMade
from episodec.errors import ProjectError, SettingsError, UsageError
from episodec.project.command_overrides import CommandOverrides
from episodec.questions import takes
from episodec.questions.forgetting import forget
from episodec.series.request import Request
from episodec.stages.lowering import Lowered, Lowering
from episodec.store.gc import collect
from tests.builds import short
from tests.builds.studio import ROOT, SERIES, Studio, in_this_process

VOICES = """\
from pathlib import Path
from typing import ClassVar

from episodec.engine.backend import Fingerprint
from episodec.errors import SettingsError


class Voice:
    stages: ClassVar = frozenset({"voice", "foley", "video", "mix", "mux"})
    deterministic = False
    is_adapter = True

    def fingerprint(self, settings, digests):
        if MODEL == 0:
            raise SettingsError("a setting of this machine is missing", facts={"setting": "python"})
        return Fingerprint({"model": MODEL})

    def run(self, order):
        for path in order.outputs.values():
            path.write_text(f"{MODEL} says {order.params.get('text')} take {order.params.get('take')}")


class Noise:
    stages: ClassVar = frozenset({"voice", "foley", "video", "mix", "mux"})
    deterministic = True

    def fingerprint(self, settings, digests):
        return Fingerprint({})

    def run(self, order):
        for path in order.outputs.values():
            path.write_text(f"{NOISE} in {order.params.get('prompt')}")
"""


@dataclass
class Locking(Studio):
    """A series whose voice is an adapter."""

    model: int = 1
    noise: str = "rain"

    def install(self) -> "Locking":
        """Another version of the package is another text of its module, which this process reads again."""
        path = self.root.parent / "installed/adapter.py"
        text = f"MODEL = {self.model}\nNOISE = {self.noise!r}\n" + VOICES + f"# {'.' * 10 * self.model}\n"
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)  # Of a text of this length and second.
            sys.modules.pop("adapter", None)
            invalidate_caches()
        return self

    def request(self, *targets: str, locked: bool = False, remake: tuple[str, ...] = ()) -> Request:
        self.install()
        return Request(
            targets=tuple(str(self.root / target) for target in targets or ("episodes",)),
            environment=dict(self.environment),
            backends={"say": "adapter:Voice", "noise": "adapter:Noise", "file": TOY},
            worker_path=(str(self.root.parent / "installed"), ROOT),
            lower=short.lower,
            executor=in_this_process,
            locked=locked,
            remake=remake,
        )

    def built(self, *, locked: bool = False, remake: tuple[str, ...] = ()) -> Outcome:
        self.events.clear()
        (outcome,) = build(self.request(locked=locked, remake=remake), self.events.append, Stop())
        return outcome

    def voices_made(self) -> list[str]:
        """The voices that were made."""
        ids = [str(event.id) for event in self.events if isinstance(event, ActionMade)]
        return [name for name in ids if name.endswith("voice")]

    def failed(self) -> dict[str, str]:
        return {str(event.id): str(event.error) for event in self.events if isinstance(event, ActionFailed)}

    def voice(self, number: int = 1) -> str:
        (path,) = (self.root / "dist").rglob(f"*episode{number}_voice.wav")
        return path.read_text()


TOY = "tests.toys.backends:Concat"


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Locking:
    studio = Locking(tmp_path / "project").install()
    monkeypatch.syspath_prepend(tmp_path / "installed")
    studio.start(2)
    return studio


def locked_in_git(studio: Locking) -> None:
    assert studio.built().exit_code == 0
    answer = takes.lock(studio.request(), (), in_git=True)
    assert {one.state for one in answer.takes} == {"locked"}


def test_an_upgrade_keeps_a_take_and_remakes_what_is_not_locked(studio: Locking) -> None:
    assert studio.built().exit_code == 0
    takes.lock(studio.request("episodes/001.episode.yaml"), ())
    studio.model = 2
    assert studio.built().exit_code == 0
    assert studio.voices_made() == ["d13-002/voice"]
    assert studio.voice(1).startswith("1 says")
    assert studio.voice(2).startswith("2 says")
    assert studio.built().current == 2


def test_an_edited_text_is_made_again_and_nothing_else_is(studio: Locking) -> None:
    locked_in_git(studio)
    studio.episode(1, text="Other words.")
    assert studio.built().exit_code == 0
    assert studio.voices_made() == ["d13-001/voice"]
    answer = takes.takes(studio.request())
    assert [one.label for one in answer.unread] == ["d13-001/voice"]
    assert takes.prune(studio.request()).unread == ()
    assert not (studio.root / "episodes/takes/001.takes.yaml").exists()
    assert (studio.root / "episodes/takes/002.takes.yaml").is_file()


def test_a_field_at_its_default_is_no_other_take() -> None:
    from episodec.spec.structure import section
    from episodec.spec.types_of_sound import Voice
    from episodec.stages.authored import authored

    assert authored("voice", {**section(Voice()), "text": "Words."}) == {"text": "Words."}
    assert authored("voice", {"take": 2, "words": []}) == {"take": 2, "words": []}
    assert authored("toy", {"take": 1}) == {"take": 1}


def test_a_second_machine_builds_the_same_bytes_and_runs_no_adapter(studio: Locking, tmp_path: Path) -> None:
    locked_in_git(studio)
    dist = {path: content for path, content in studio.dist().items() if "manifest" not in path}
    other = Locking(tmp_path / "other")
    shutil.copytree(studio.root / "episodes", other.root / "episodes")
    assert other.built(locked=True).exit_code == 0
    assert not other.voices_made()
    assert {path: content for path, content in other.dist().items() if "manifest" not in path} == dist


def test_a_machine_without_the_system_builds_what_is_approved(studio: Locking, tmp_path: Path) -> None:
    locked_in_git(studio)
    dist = {path: content for path, content in studio.dist().items() if "manifest" not in path}
    other = Locking(tmp_path / "other", model=0)
    shutil.copytree(studio.root / "episodes", other.root / "episodes")
    assert [one.state for one in takes.takes(other.request()).takes] == ["locked", "locked"]
    assert other.built(locked=True).exit_code == 0
    assert {path: content for path, content in other.dist().items() if "manifest" not in path} == dist
    assert other.built(locked=True).current == 2
    other.episode(1, text="Other words.")
    assert other.built(locked=True).exit_code == 1
    assert "no take of it is approved" in other.failed()["d13-001/voice"]
    with pytest.raises(SettingsError, match="a setting of this machine is missing"):
        other.built()


def test_locked_makes_nothing_of_an_adapter(studio: Locking) -> None:
    assert studio.built(locked=True).exit_code == 1
    assert set(studio.failed()) == {"d13-001/voice"}
    assert "no take of it is approved" in studio.failed()["d13-001/voice"]
    assert studio.built().exit_code == 0
    assert studio.built(locked=True).exit_code == 0, "what is in the cache may be used"


def test_a_take_whose_bytes_are_nowhere_is_an_error_and_is_not_made(studio: Locking, tmp_path: Path) -> None:
    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    other = Locking(tmp_path / "other")
    shutil.copytree(studio.root / "episodes", other.root / "episodes")
    assert other.built().exit_code == 1
    assert "the approved take is nowhere" in other.failed()["d13-001/voice"]
    assert not other.voices_made()
    assert {one.state for one in takes.takes(other.request()).takes} == {"missing"}


def test_bytes_in_git_that_are_not_the_approved_ones_are_not_believed(studio: Locking, tmp_path: Path) -> None:
    locked_in_git(studio)
    other = Locking(tmp_path / "other")
    shutil.copytree(studio.root / "episodes", other.root / "episodes")
    for path in (other.root / "episodes/takes/files").iterdir():
        path.write_bytes(path.read_bytes()[::-1])
    assert other.built().exit_code == 1
    assert "the approved take is nowhere" in other.failed()["d13-001/voice"]


def test_a_lock_that_arrives_from_git_replaces_what_was_built(studio: Locking, tmp_path: Path) -> None:
    locked_in_git(studio)
    other = Locking(tmp_path / "other", model=2)
    other.install().start(2)
    assert other.built().exit_code == 0
    assert other.voice().startswith("2 says")
    assert other.built().current == 2
    shutil.copytree(studio.root / "episodes/takes", other.root / "episodes/takes")
    assert other.built().exit_code == 0
    assert other.voices_made() == []
    assert other.voice().startswith("1 says")
    assert other.built().current == 2
    shutil.rmtree(other.root / "episodes/takes")
    assert other.built().exit_code == 0
    assert other.voice().startswith("2 says")


def test_gc_never_drops_a_locked_content(studio: Locking) -> None:
    from episodec.project.tree import locate
    from episodec.questions.pins import pinned
    from episodec.store.cache import open_cache
    from episodec.store.layout import open_layout

    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    for number in (1, 2):
        studio.episode(number, text="Other words.")
    place = locate(str(studio.root / "episodes"))
    assert place is not None
    keys, locked = pinned(place, studio.request())
    cache = open_cache(open_layout(studio.root / "cache"), lambda _: None)
    collect(cache, keys, 0, locked=locked, now_ns=lambda: 1 << 62)
    assert len(locked) == 2
    assert all(cache.blobs.path_of(digest).exists() for digest in locked)
    cache.index.close()
    for number in (1, 2):
        studio.episode(number)
    assert studio.built(locked=True).exit_code == 0


def test_gc_removes_nothing_while_a_takes_file_cannot_be_read(studio: Locking) -> None:
    from episodec.project.tree import locate
    from episodec.questions.pins import pinned

    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    path = studio.root / "episodes/takes/001.takes.yaml"
    path.write_text(f"<<<<<<< ours\n{path.read_text()}=======\n")
    place = locate(str(studio.root / "episodes"))
    assert place is not None
    with pytest.raises(ProjectError, match="the results that it approves are unknown"):
        pinned(place, studio.request())


def test_approvals_of_another_profile_and_of_other_episodes_are_read(studio: Locking) -> None:
    studio.write(
        "episodes/series.yaml", f"{SERIES}  plain: {{backends: {{voice: noise, foley: noise, video: file}}}}\n"
    )
    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    both = "".join((studio.root / f"episodes/takes/00{number}.takes.yaml").read_text() for number in (1, 2))
    plain = replace(studio.request(), asked=CommandOverrides(profile="plain"))
    assert takes.takes(plain).unread == ()
    assert takes.prune(plain).written == ()
    for number in (1, 2):
        (studio.root / f"episodes/takes/00{number}.takes.yaml").unlink()
    shared = [line for line in both.splitlines() if line.startswith("-")]
    studio.write("episodes/takes/alpha.takes.yaml", "episodec: 1\ntakes:\n" + "".join(f"{one}\n" for one in shared))
    assert takes.takes(studio.request("episodes/001.episode.yaml")).unread == ()
    studio.episode(2, text="Other words.")
    assert [one.label for one in takes.takes(plain).unread] == ["d13-002/voice"]


def test_what_is_not_made_yet_is_no_mixture(studio: Locking) -> None:
    """The voices of an episode are of one installation until another one has made something."""
    request = replace(studio.request(), backends={"say": "adapter:Voice", "noise": TOY, "file": TOY}, lower=two_voices)
    (outcome,) = build(request, studio.events.append, Stop())
    assert outcome.exit_code == 0
    takes.lock(request, ())
    studio.episode(1, prompt="another room")
    studio.model = 2
    studio.install()
    assert takes.takes(request).mixed == ()
    build(request, studio.events.append, Stop())
    assert takes.takes(request).mixed == ("episodes/001.episode.yaml",)


def two_voices(at: Lowering) -> Lowered:
    """A second voice, which says the prompt of the ambience."""
    built = short.lower(at)
    (voice,) = [one for one in built.actions if one.stage == "voice"]
    (foley,) = [one for one in built.actions if one.stage == "foley"]
    name = ActionId(f"{voice.id}/2")
    second = replace(voice, id=name, params={**voice.params, "text": foley.params["prompt"]})
    return replace(built, actions=(*built.actions, second))


def test_an_approval_of_other_files_stops_the_build(studio: Locking) -> None:
    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    path = studio.root / "episodes/takes/001.takes.yaml"
    path.write_text(path.read_text().replace("{voice.wav:", "{other.wav:"))
    assert studio.built().exit_code == 1
    assert "names other files" in studio.failed()["d13-001/voice"]
    assert not studio.voices_made()


def test_after_unlocking_a_take_from_other_inputs_a_new_one_is_made_and_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Chained(tmp_path / "project").install()
    monkeypatch.syspath_prepend(tmp_path / "installed")
    studio.start(1)
    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    studio.noise = "snow"
    assert studio.built().exit_code == 1
    takes.unlock(studio.request(), ["d13-001/voice"])
    assert studio.built().exit_code == 0
    assert studio.voices_made() == ["d13-001/voice"]
    assert [one.state for one in takes.lock(studio.request(), ["d13-001/voice"]).takes] == ["locked"]


def test_a_question_takes_bytes_that_are_only_in_git_as_not_made_yet(studio: Locking, tmp_path: Path) -> None:
    from episodec.project.tree import locate
    from episodec.series.session import opened

    locked_in_git(studio)
    other = Locking(tmp_path / "other")
    shutil.copytree(studio.root / "episodes", other.root / "episodes")
    place = locate(str(other.root / "episodes"))
    assert place is not None
    with opened(place, [place.folder()], replace(other.request(), only_reads=True), lambda _: None) as session:
        (first, _) = session.load_selected()
        (voice,) = [one for one in first.lowered.actions if one.stage == "voice"]
        assert session.made_files(first, voice) is None
    assert other.built(locked=True).exit_code == 0
    with opened(place, [place.folder()], replace(other.request(), only_reads=True), lambda _: None) as session:
        (first, _) = session.load_selected()
        files = session.made_files(first, voice)
        assert files is not None
        assert files["voice.wav"].read_text().startswith("1 says")


def test_bytes_in_git_that_are_damaged_are_written_again(studio: Locking) -> None:
    locked_in_git(studio)
    first, second = sorted((studio.root / "episodes/takes/files").iterdir())
    before = first.read_bytes(), second.read_bytes()
    first.write_bytes(b"damaged")
    second.unlink()
    second.symlink_to(first)
    takes.lock(studio.request(), (), in_git=True)
    assert (first.read_bytes(), second.read_bytes()) == before
    assert not second.is_symlink()


def test_a_result_too_large_for_git_leaves_nothing_behind(studio: Locking, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.episode(2, text="More words than there are in the first one.")
    assert studio.built().exit_code == 0
    monkeypatch.setattr(takes, "IN_GIT_BYTES", 40)
    with pytest.raises(UsageError, match="too large for git"):
        takes.lock(studio.request(), (), in_git=True)
    assert not (studio.root / "episodes/takes").exists()


@pytest.mark.parametrize("linked", ["episodes/takes", "episodes/takes/files"])
def test_nothing_is_written_or_removed_where_a_link_leads_out(studio: Locking, tmp_path: Path, linked: str) -> None:
    assert studio.built().exit_code == 0
    kept = tmp_path / "outside" / ("a" * 32)
    kept.parent.mkdir()
    kept.write_text("of somebody else")
    link = studio.root / linked
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(kept.parent)
    with pytest.raises(UsageError, match="leads out of the project"):
        takes.lock(studio.request(), (), in_git=True)
    with pytest.raises(UsageError, match="leads out of the project"):
        takes.prune(studio.request())
    assert list(kept.parent.iterdir()) == [kept]


def test_pruning_leaves_files_of_other_names(studio: Locking) -> None:
    locked_in_git(studio)
    note = studio.write("episodes/takes/files/notes_of_what_is_approved_072.md", "Mine.")
    assert len(note.name) == 32
    orphan = studio.write(f"episodes/takes/files/{'0' * 32}", "Of no approval.")
    takes.prune(studio.request())
    assert note.is_file()
    assert not orphan.exists()


def test_two_takes_for_the_same_words_are_a_diagnostic_at_the_line(studio: Locking) -> None:
    assert studio.built().exit_code == 0
    takes.lock(studio.request("episodes/001.episode.yaml"), ())
    path = studio.root / "episodes/takes/001.takes.yaml"
    first = path.read_text()
    line = first.splitlines()[-1]
    digest = line.partition("outputs: {voice.wav: ['")[2][:32]
    path.write_text(first + line.replace(digest, "0" * 32) + "\n")
    (diagnostic,) = studio.built().diagnostics
    assert (diagnostic.code, diagnostic.path, diagnostic.span and diagnostic.span.line) == (
        "F431",
        "episodes/takes/001.takes.yaml",
        5,
    )
    path.write_text(first + line + "\n")  # The same line twice, as a union of two branches may leave it.
    assert not studio.built().diagnostics


@pytest.mark.parametrize(
    "line",
    [
        "- 3",
        "- {label: a}",
        "- {label: a, for: '1', asked: '1', backend: b, under: '1', outputs: {}}",
        "x: [",
        "takes: 3",
    ],
)
def test_an_unreadable_line_is_refused(studio: Locking, line: str) -> None:
    text = line if line.startswith("takes") else f"takes:\n{line}"
    studio.write("episodes/takes/001.takes.yaml", f"episodec: 1\n{text}\n")
    diagnostics = studio.built().diagnostics
    assert diagnostics
    assert {one.path for one in diagnostics} == {"episodes/takes/001.takes.yaml"}


def test_git_unites_two_branches_line_by_line(studio: Locking) -> None:
    from episodec.project.takes import read_takes, takes_text

    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    paths = [f"episodes/takes/00{number}.takes.yaml" for number in (1, 2)]
    locks = [read_takes(str(studio.root), path)[1][0] for path in paths]
    root = studio.root.parent / "git"
    root.mkdir()

    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(root), *words],
            check=True,
            capture_output=True,
        )

    git("init", "-b", "main")
    (root / ".gitattributes").write_text("*.takes.yaml merge=union\n")
    (root / "a.takes.yaml").write_text(takes_text([]))
    git("add", ".")
    git("commit", "-m", "a")
    for name, lock in zip(("left", "right"), locks, strict=True):
        git("checkout", "-b", name, "main")
        (root / "a.takes.yaml").write_text(takes_text([lock]))
        git("commit", "-am", name)
    git("merge", "--no-edit", "left")
    _, united, diagnostics = read_takes(str(root), "a.takes.yaml")
    assert not diagnostics
    assert sorted(one.label for one in united) == ["d13-001/voice", "d13-002/voice"]


def test_only_results_of_adapters_are_approved(studio: Locking) -> None:
    assert studio.built().exit_code == 0
    with pytest.raises(UsageError, match="only results of adapters"):
        takes.lock(studio.request(), ["d13-001/foley"])
    with pytest.raises(UsageError, match="no such action"):
        takes.lock(studio.request(), ["voices"])
    studio.episode(1, text="Not made yet.")
    with pytest.raises(UsageError, match="no result to approve"):
        takes.lock(studio.request(), ["d13-001/voice"])


def test_unlocking_frees_the_take(studio: Locking) -> None:
    locked_in_git(studio)
    takes.unlock(studio.request("episodes/001.episode.yaml"), ())
    studio.model = 2
    assert studio.built().exit_code == 0
    assert studio.voices_made() == ["d13-001/voice"]


def test_an_approval_is_of_the_episode_whose_file_it_is_in(studio: Locking) -> None:
    """An episode must not depend on which others are loaded."""
    for number in (1, 2):
        studio.episode(number, text="The same words.")
    assert studio.built().exit_code == 0
    takes.lock(studio.request("episodes/001.episode.yaml"), ())
    studio.model = 2
    assert studio.built().exit_code == 0
    assert (studio.voice(1)[0], studio.voice(2)[0]) == ("1", "2")
    takes.unlock(studio.request("episodes/002.episode.yaml"), ())
    assert [one.state for one in takes.takes(studio.request()).takes] == ["locked", "unlocked"]


def test_unlocking_goes_by_what_an_approval_holds_for_not_by_its_label(studio: Locking) -> None:
    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    path = studio.root / "episodes/takes/001.takes.yaml"
    path.write_text(path.read_text().replace("d13-001/voice", "d13-002/voice"))
    takes.unlock(studio.request(), ["d13-002/voice"])
    assert path.is_file(), "the label of this approval is of an earlier order of sentences"
    takes.unlock(studio.request(), ["d13-001/voice"])
    assert not path.exists()


def test_a_mixture_of_installations_is_named(studio: Locking) -> None:
    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    studio.model = 2
    answer = takes.takes(studio.request())
    assert [one.is_older for one in answer.takes] == [True, True]
    assert answer.mixed == ()


def reading_foley(at: Lowering) -> Lowered:
    """The voice, an adapter, reads what our own code makes of the ambience."""
    built = short.lower(at)
    (foley,) = [one for one in built.actions if one.stage == "foley"]
    actions = [
        replace(one, inputs={"foley.wav": (foley.artifact(),)}) if one.stage == "voice" else one
        for one in built.actions
    ]
    return replace(built, actions=tuple(actions))


class Chained(Locking):
    """The same, with a voice that reads another action's result."""

    def request(self, *targets: str, locked: bool = False, remake: tuple[str, ...] = ()) -> Request:
        return replace(super().request(*targets, locked=locked, remake=remake), lower=reading_foley)


def test_inputs_that_our_own_code_makes_differently_stop_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Chained(tmp_path / "project").install()
    monkeypatch.syspath_prepend(tmp_path / "installed")
    studio.start(1)
    assert studio.built().exit_code == 0
    takes.lock(studio.request(), ())
    studio.noise = "a blizzard"
    assert studio.built().exit_code == 1
    (error,) = studio.failed().values()
    assert "approved from other inputs" in error
    assert "takes accept --only d13-001/voice" in error
    assert "takes unlock --only d13-001/voice" in error
    assert [one.state for one in takes.takes(studio.request()).takes] == ["other inputs"]
    takes.accept(studio.request(), ())
    assert studio.built().exit_code == 0
    assert "d13-001/voice" not in studio.voices_made()
    studio.noise = "rain"
    assert studio.built(remake=("voice",)).exit_code == 0
    assert "d13-001/voice" in studio.voices_made()
    studio.episode(1, prompt="another room")
    assert studio.built().exit_code == 0, "an author's change is no stop"


def test_forgetting_a_file_takes_back_the_approvals_of_what_was_made_of_it(studio: Locking) -> None:
    request = replace(studio.request(), backends={"say": "adapter:Voice", "noise": TOY, "file": "adapter:Voice"})
    (outcome,) = build(request, studio.events.append, Stop())
    assert outcome.exit_code == 0
    answer = takes.lock(request, (), in_git=True)
    files = [path for path in (studio.root / "episodes").rglob("*.takes.yaml") if "001" in path.name]
    before = "".join(path.read_text() for path in files)
    assert before.count("/video") == 1, answer
    assert before.count("/voice") == 1
    dry = forget(request, str(studio.root / "episodes/media/001.mp4"), lambda _: None, dry_run=True)
    assert "".join(path.read_text() for path in files) == before
    gone = forget(request, str(studio.root / "episodes/media/001.mp4"), lambda _: None, dry_run=False)
    assert dry.locks == gone.locks == ("d13-001/video",)
    after = "".join(path.read_text() for path in files)
    assert after.count("/video") == 0
    assert after.count("/voice") == 1
