"""However the index is damaged: commands go on, nothing wrong is published, nothing changed is taken for current."""

import sqlite3
import time
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from episodec.cli.app import run
from episodec.executors.inline import InlineExecutor
from episodec.runner.perform import performer
from episodec.series.request import Request
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from episodec.store.signature import GRAIN_NS
from tests.builds import short
from tests.builds.studio import Studio
from tests.cli.toy import TOYS
from tests.store.index_damage import damage

BACKENDS = {**TOYS, "noise": "tests.toys.backends:Adapter", "say": "tests.toys.backends:Tell"}
TEXTS = ("As it was.", "As it is now!", "As it will be!")  # Of a "!", there is a note.
COMMANDS = (
    ("plan",),
    ("status",),
    ("build",),
    ("why", "d13-001/voice"),
    ("validate",),
    ("doctor",),
    ("graph",),
    ("gc",),
)


def inline(targets: Mapping[str, str], store: Path) -> InlineExecutor:
    return InlineExecutor(performer(targets, Blobs(open_layout(store))))


EXPECTED: dict[int, dict[str, bytes]] = {}
"""The content of dist/ after a clean build, by text: sources are the same in all tests."""


@dataclass
class Damaged:
    """A series that is built, damaged and built again; the episodes' texts take turns."""

    studio: Studio
    turn: int = 0
    expected: dict[int, dict[str, bytes]] = field(default_factory=lambda: EXPECTED)

    def __post_init__(self) -> None:
        self.studio.start()
        self.edit(0)
        time.sleep(2 * GRAIN_NS / 1e9)  # What is younger is not remembered.
        assert self.command("build") == 0

    def command(self, *words: str, root: Path | None = None) -> int:
        request = Request(backends=BACKENDS, lower=short.lower, executor=inline)
        with chdir("."):  # A command goes where the series is.
            return run(["-C", str(root or self.studio.root), *words], {}, request)

    def edit(self, turn: int) -> None:
        self.turn = turn
        self.studio.episode(1, text=TEXTS[turn])

    def dist(self) -> dict[str, bytes]:
        """The result of a clean build of the present text."""
        if self.turn not in self.expected:
            twin = Studio(self.studio.root.parent / f"clean{self.turn}")
            twin.start()
            twin.episode(1, text=TEXTS[self.turn])
            assert self.command("build", root=twin.root) == 0
            self.expected[self.turn] = twin.dist()
        return self.expected[self.turn]

    def check(self, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
        """Damage the index, run a command, then build until there is nothing to do."""
        index = self.studio.root / "cache/index.db"
        self.dist()
        how, messages = damage(index, seed), ""
        if seed % 2:
            self.edit((self.turn + 1) % len(TEXTS))
        # What is found only half-way costs the next build, too: it has lost the traces that stood for this one.
        for words in (COMMANDS[seed % len(COMMANDS)], *[("build",)] * 4):
            capsys.readouterr()
            code = self.command(*words)
            out, err = capsys.readouterr()
            assert code == 0, f"seed {seed}, {how}, {words}:\n{out}{err}"
            messages = out if words == ("build",) else ""
            if messages:
                assert self.studio.dist() == self.dist(), f"seed {seed}, {how}"
            if "2 episodes: all current" in messages:
                break
        assert "2 episodes: all current" in messages, f"seed {seed}, {how}: {messages}"
        assert self.is_reported(capsys) == TEXTS[self.turn].endswith("!"), f"seed {seed}, {how}"

    def is_reported(self, capsys: pytest.CaptureFixture[str]) -> bool:
        """Whether `status` tells of a note, once all stands: what is found damaged is built again before."""
        output = ""
        for _ in range(4):
            capsys.readouterr()
            assert self.command("status") == 0
            output = capsys.readouterr().out
            if "2 episodes: 2 current" in output:
                return "is loud" in output
            assert self.command("build") == 0
        raise AssertionError(output)


def check_seeds(folder: Path, seeds: range, capsys: pytest.CaptureFixture[str]) -> None:
    """All seeds, and at the end those that failed."""
    failed, series = [], None
    for seed in seeds:
        series = series or Damaged(Studio(folder / f"{seed}"))
        try:
            series.check(seed, capsys)
        except AssertionError as error:
            failed.append(str(error))
            series = None
    assert not failed, f"{len(failed)} of {len(seeds)}:\n" + "\n".join(failed[:20])


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM published_files",
        "UPDATE delivered SET series = 'nowhere'",
        "UPDATE specs SET facts = 'none'",
        "UPDATE files SET digest = (SELECT digest FROM files ORDER BY path LIMIT 1)",
        "UPDATE records SET outputs = 'none'",
        "UPDATE records SET outputs = '{}'",
        "UPDATE history SET parts = '{\"a\": [1]}'",
        "UPDATE history SET parts = '[]'",
        "UPDATE fingerprints SET parts = '[]', watches = '[]'",
        "UPDATE fingerprints SET parts = '{}'",
        "UPDATE traces SET files = 'none'",
        "UPDATE closures SET symbols = 'none'",
        "UPDATE trace_notes SET notes = 'none'",
        "UPDATE trace_notes SET told = 0",
        "UPDATE trace_notes SET spec = 'episodes/002.episode.yaml'",
        "UPDATE adapted SET closure = 'none'",
        "DELETE FROM fingerprints; UPDATE sources SET facts = 'none'",
        "DELETE FROM fingerprints; UPDATE installed SET found = 'none'",
    ],
)
def test_rows_that_are_lost_or_wrong_stop_no_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    series = Damaged(Studio(tmp_path / "project"))
    for words in (("plan",), ("build",), ("why", "d13-001/voice")):
        series.edit(2)
        assert series.command("build") == 0
        time.sleep(2 * GRAIN_NS / 1e9)
        database = sqlite3.connect(series.studio.root / "cache/index.db")
        database.executescript(harm)
        database.close()
        series.edit(1)
        for word in (words, ("build",)):
            assert series.command(*word) == 0, (words, capsys.readouterr())
        assert series.studio.dist() == series.dist(), words
        assert series.is_reported(capsys), words


@pytest.mark.parametrize("column", ["series", "variant", "spec"])
@pytest.mark.parametrize("words", [("status",), ("build",)])
def test_notes_that_are_lost_to_another_place_are_told_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str, words: tuple[str, ...]
) -> None:
    series = Damaged(Studio(tmp_path / "project"))
    series.edit(1)
    assert series.command("build") == 0
    time.sleep(2 * GRAIN_NS / 1e9)
    database = sqlite3.connect(series.studio.root / "cache/index.db")
    database.executescript(f"UPDATE trace_notes SET {column} = 'null'")
    database.close()
    assert series.command(*words) == 0
    assert series.is_reported(capsys)


def test_any_damage_is_mended_on_the_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check_seeds(tmp_path, range(30), capsys)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_any_damage_is_mended_a_thousand_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check_seeds(tmp_path, range(60, 1060), capsys)
