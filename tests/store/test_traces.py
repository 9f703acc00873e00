"""Verifying traces: what stands, what falls, and what is not believed because it is too young."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from episodec.digest import Digest
from episodec.store import traces
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout
from episodec.store.signature import GRAIN_NS
from episodec.store.trace_log import ABSENT, Trace, TraceLog, pinned_keys

OLD_ENOUGH_S = GRAIN_NS * 2 / 1e9


class Folder:
    """A project root with a store, as the working folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layout = open_layout(root / "cache")
        self.index = Index(self.layout)
        self.digests = FileDigests(self.index, root)
        self.log = TraceLog(self.index, self.digests, "episodes", "", "compiler 1")

    def write(self, name: str, content: str = "content") -> Digest:
        (self.root / name).write_text(content)
        return self.digests.of(name)

    def record(self, spec: str, *more: str, shared: tuple[str, ...] = ("series",), keys: tuple[str, ...] = ()) -> bool:
        own = {name: self._digest(name) for name in (spec, *more)}
        return self.log.record(Trace(spec, own, {name: self._digest(name) for name in shared}, keys))

    def _digest(self, name: str) -> Digest:
        return self.digests.of(name) if (self.root / name).exists() else ABSENT

    def standing(self, compiler: str = "compiler 1", variant: str = "") -> dict[str, bool]:
        return dict(traces.standing(self.layout.index, "episodes", variant, compiler))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    actual = Folder(tmp_path)
    actual.write("series")
    return actual


def settle() -> None:
    time.sleep(OLD_ENOUGH_S)


def test_a_trace_stands_until_one_of_its_files_moves(folder: Folder) -> None:
    for name in ("a", "b", "a.out", "b.out"):
        folder.write(name)
    settle()
    assert folder.record("a", "a.out")
    assert folder.record("b", "b.out")
    assert folder.standing() == {"a": True, "b": True}
    folder.write("b.out", "edited!")
    assert folder.standing() == {"a": True, "b": False}
    Path("a.out").unlink()
    assert folder.standing() == {"a": False, "b": False}


def test_a_shared_file_a_new_compiler_and_another_variant_fell_them_all(folder: Folder) -> None:
    for name in ("a", "b"):
        folder.write(name)
    settle()
    folder.record("a")
    folder.record("b")
    assert folder.standing(compiler="compiler 2") == {"a": False, "b": False}
    assert folder.standing(variant="production") == {}
    folder.write("series", "edited!")
    assert folder.standing() == {"a": False, "b": False}


def test_a_file_as_young_as_the_look_at_it_is_not_believed(folder: Folder) -> None:
    folder.write("old")
    folder.write("older")
    settle()
    folder.record("old")
    folder.write("young")
    assert folder.record("young")
    assert folder.standing() == {"old": True, "young": False}
    folder.record("older")
    Path("older").unlink()  # Now the signatures of the others are compared one by one.
    assert folder.standing() == {"old": True, "older": False, "young": False}
    settle()
    assert folder.log.refresh("young", {})
    assert folder.standing()["young"]


def test_a_young_shared_file_is_not_believed_either(folder: Folder) -> None:
    folder.write("a")
    settle()
    folder.write("series", "young")
    folder.record("a")
    assert folder.standing() == {"a": False}
    settle()
    assert folder.log.refresh("a", {})
    assert folder.standing() == {"a": True}


def test_a_touched_file_is_looked_into_and_noted_anew(folder: Folder) -> None:
    folder.write("a")
    settle()
    folder.record("a")
    os.utime("a")
    settle()
    assert folder.standing() == {"a": False}
    assert folder.log.refresh("a", {})
    assert folder.standing() == {"a": True}
    folder.write("a", "edited!")
    assert not folder.log.refresh("a", {})


def test_a_file_that_appears_fells_the_trace_that_looked_for_it(folder: Folder) -> None:
    folder.write("a")
    settle()
    folder.record("a", shared=("series", "local settings"))
    assert folder.standing() == {"a": True}
    folder.write("local settings")
    assert folder.standing() == {"a": False}
    assert not folder.log.refresh("a", {})


def test_a_trace_is_not_recorded_over_a_file_that_moved(folder: Folder) -> None:
    digest = folder.write("a", "as it was built")
    folder.write("a", "as it is now....")
    assert not folder.log.record(Trace("a", {"a": digest}, {}, ()))
    assert folder.standing() == {}


def test_an_episode_that_was_not_looked_at_again_keeps_its_old_shared_row_and_falls(folder: Folder) -> None:
    for name in ("a", "b"):
        folder.write(name)
    settle()
    folder.record("a")
    folder.record("b")
    folder.write("series", "edited!")
    settle()
    folder.record("a")
    assert folder.standing() == {"a": True, "b": False}


def test_keys_of_traces_are_pinned_until_they_are_forgotten(folder: Folder) -> None:
    folder.write("a")
    folder.record("a", keys=("k1", "k2"))
    assert pinned_keys(folder.index) == {"k1", "k2"}
    folder.log.forget(["a"])
    assert pinned_keys(folder.index) == set()
    assert folder.standing() == {}


def test_keys_are_pinned_under_every_variant(folder: Folder) -> None:
    folder.write("a")
    folder.record("a", keys=("k1",))
    folder.log = replace(folder.log, variant="production")
    folder.record("a", keys=("k1", "k3"))
    assert pinned_keys(folder.index) == {"k1", "k3"}


def test_a_second_process_and_one_alone_see_the_same(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"e{number:03}" for number in range(40)]
    for name in names:
        folder.write(name)
    settle()
    for name in names:
        folder.record(name)
    for name in ("e003", "e030", "e039"):
        folder.write(name, "edited!")
    Path("e010").unlink()
    present = sorted({*names, "e0100", "zzz"} - {"e010", "e020"})
    alone = traces.not_standing(folder.layout.index, "episodes", "", "compiler 1", present)
    monkeypatch.setattr(traces, "FORK_FROM", 2)
    assert traces.not_standing(folder.layout.index, "episodes", "", "compiler 1", present) == alone
    assert alone == (["e003", "e0100", "e030", "e039", "zzz"], ["e010", "e020"], 0)


def test_an_index_that_cannot_be_read_stands_for_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert dict(traces.standing(str(broken), "episodes", "", "compiler 1")) == {}
    assert traces.not_standing(str(tmp_path / "missing.db"), "episodes", "", "c", ["a"]) == (["a"], [], 0)


@pytest.mark.parametrize(
    "harm",
    [
        "DROP TABLE delivered",
        "DROP TABLE page_bindings",
        "UPDATE page_bindings SET path = 0",  # Also the number of an open file.
        "UPDATE delivered SET spec = x'ff'",
        "UPDATE traces SET files = x'ff'",
        "UPDATE traces SET files = CAST(x'ff' AS TEXT)",
        "UPDATE traces SET signatures = 'text'",
        "UPDATE traces SET spec = x'ff'",
        "UPDATE shared SET files = x'00'",
        "UPDATE trace_folders SET folder = x'ff', link = 'elsewhere'",
        "DROP TABLE trace_notes",
    ],
)
def test_what_is_damaged_lets_nothing_pass_for_current(folder: Folder, harm: str) -> None:
    (folder.root / "below").mkdir()
    folder.write("below/a")
    settle()
    assert folder.record("below/a")
    folder.index.write("INSERT INTO page_bindings VALUES ('episodes', '', 'dist', '', x'', '')")
    look = partial(traces.not_standing, folder.layout.index, "episodes", "", "compiler 1", ["below/a"])
    assert look() == ([], [], 0)
    folder.index.write(harm)
    assert look()[0] == ["below/a"] or harm == "UPDATE delivered SET spec = x'ff'"
    assert look()[1] == []


def test_names_with_line_breaks_come_through_a_second_process(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    present = ["a", "b", "y\nz", "z"]
    monkeypatch.setattr(traces, "FORK_FROM", 2)
    assert traces.not_standing(folder.layout.index, "episodes", "", "compiler 1", present) == (present, [], 0)


def calls(work: Callable[[], object]) -> int:
    """How many functions a piece of work calls, Python's own among them."""
    actual = Counter[str]()
    sys.setprofile(lambda _frame, event, _function: actual.update([event]))
    try:
        work()
    finally:
        sys.setprofile(None)
    return actual["call"] + actual["c_call"]


def test_noting_a_trace_costs_the_same_however_many_folders_are_known(folder: Folder) -> None:
    specs = [f"season/{number:02}/spec" for number in range(40)]
    for spec in specs:
        (folder.root / spec).parent.mkdir(parents=True)
        folder.write(spec)
    settle()
    traced = [
        Trace(spec, {spec: folder.digests.of(spec)}, {"series": folder.digests.of("series")}, ()) for spec in specs
    ]
    cost = [calls(partial(folder.log.record, one)) for one in traced]
    assert cost[-1] == cost[5]
    assert all(folder.standing().values())
    noted = folder.index.rows("SELECT folder FROM trace_folders ORDER BY folder")
    assert [row["folder"] for row in noted] == ["season", *(spec.removesuffix("/spec") for spec in specs)]


def test_a_folder_that_changed_between_two_traces_is_noted_as_it_was_judged(folder: Folder) -> None:
    (folder.root / "season").mkdir()
    for spec in ("season/a", "season/b"):
        folder.write(spec)
    settle()
    assert folder.record("season/a")
    (folder.root / "season").rename("elsewhere")
    (folder.root / "season").symlink_to("elsewhere")
    assert folder.record("season/b")
    assert folder.standing() == {"season/a": False, "season/b": False}


def test_a_link_to_nowhere_is_not_nothing(folder: Folder) -> None:
    folder.write("a")
    settle()
    assert folder.record("a", shared=("series", "portrait"))
    assert folder.standing() == {"a": True}
    Path("portrait").symlink_to("nowhere")
    assert folder.standing() == {"a": False}
    assert not folder.log.refresh("a", {})
    assert folder.log.changed("a") == ["portrait"]


@pytest.mark.parametrize("name", ["key.py", "schema.json", "index.css", "index.js"])
def test_whatever_the_compiler_reads_of_itself_is_part_of_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / name).write_text("one")
    before = traces.compiler_signature(str(tmp_path))
    (tmp_path / "page" / name).write_text("other")
    assert traces.compiler_signature(str(tmp_path)) != before
