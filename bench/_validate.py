"""A check of a series as a process: `python -m bench._validate FOLDER episodec|pyyaml` prints how many were parsed."""

import os
import sys
from pathlib import Path

from episodec.project import tree


def main(folder: str, who: str) -> None:
    place = tree.locate(folder)
    assert place is not None
    specs = tree.spec_files(place)
    print(episodec(place, specs) if who == "episodec" else pyyaml(place.root, specs))


def episodec(place: tree.Place, specs: list[str]) -> int:
    """The work of `episodec validate`, without its command line."""
    from episodec.series.request import Request
    from episodec.series.session import opened

    with opened(place, [place.folder()], Request(), print) as session:
        parsed = session.project.validate(specs)
        for diagnostic in session.project.diagnostics:
            print(diagnostic.path, diagnostic.code, diagnostic.message, file=sys.stderr)
        return parsed


def pyyaml(root: str, specs: list[str]) -> int:
    """PyYAML's C loader, and nothing done with what it gives."""
    import yaml

    for spec in specs:
        yaml.load(Path(root, spec).read_bytes(), yaml.CSafeLoader)
    return len(specs)


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # One core each: what a spec costs, not how many there are.
    main(*sys.argv[1:])
