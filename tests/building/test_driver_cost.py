"""The build's own work for each action that others make: few changes of folders, and no sync."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Calls are counted where Python makes them; SQLite's own are those of its checkpoints, one in thousands of pages.
CHILD = """
import argparse, json, os, sys
from collections import Counter
from pathlib import Path

seen = Counter()
sys.addaudithook(lambda name, _: seen.update([name]))
for name in ("fsync", "fdatasync", "sync"):
    def counted(*given, name=name, real=getattr(os, name)):
        seen[name] += 1
        return real(*given)
    setattr(os, name, counted)

from bench import _farm

root, actions = Path(sys.argv[1]), int(sys.argv[2])
root.mkdir()
_farm.main(argparse.Namespace(root=root, actions=actions, slots=8, single=False))
print(json.dumps(seen))
"""
CHANGES = ("os.mkdir", "os.rmdir", "os.rename", "os.remove", "os.symlink", "os.link")
SYNCS = ("fsync", "fdatasync", "sync")


def calls(root: Path, actions: int) -> tuple[int, int]:
    """How many changes of folders and how many syncs a build of so many actions takes."""
    command = [sys.executable, "-c", CHILD, str(root), str(actions)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    tree = json.loads(done.stdout)
    return sum(tree.get(name, 0) for name in CHANGES), sum(tree.get(name, 0) for name in SYNCS)


def test_an_action_costs_the_driver_at_most_three_changes_of_folders_and_no_sync(tmp_path: Path) -> None:
    few, many = calls(tmp_path / "few", 12), calls(tmp_path / "many", 72)
    assert many[0] - few[0] <= 3 * 60
    assert few[0] > 0, "the store's folders are made, so changes are counted"
    assert many[1] == few[1]
    assert few[1] > 0, "the store's own label is synced, so syncs are counted"
