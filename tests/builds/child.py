"""Builds a studio in a process of its own, which tests kill: `python -m tests.builds.child FOLDER JOBS
[paged] [STAGE=TOY …]`. With `paged` its episodes have entries on an index page.
"""

import signal
import sys
from pathlib import Path

from episodec.building.build import build
from episodec.building.world import Stop
from episodec.engine.events import Event
from episodec.series.request import Request
from tests.builds import paged, short
from tests.builds.studio import BACKENDS, ROOT


def main() -> int:
    folder, jobs, *toys = sys.argv[1:]
    named = dict(toy.split("=") for toy in toys if toy != "paged")
    is_paged = "paged" in toys
    stop = Stop()

    def heed(*_: object) -> None:
        stop.level += 1

    signal.signal(signal.SIGINT, heed)
    request = Request(
        targets=(str(Path(folder) / "episodes"),),
        jobs=int(jobs),
        environment={"HOME": "/nonexistent"},
        backends={
            **(paged.BACKENDS if is_paged else BACKENDS),
            **{name: f"tests.toys.backends:{toy}" for name, toy in named.items()},
        },
        worker_path=(ROOT,),
        lower=paged.lower if is_paged else short.lower,
    )

    def tell(event: Event) -> None:
        told = type(event).__name__, getattr(event, "id", ""), getattr(event, "error", "")
        sys.stdout.write(" ".join(map(str, told)).replace("\n", " ") + "\n")
        sys.stdout.flush()

    (outcome,) = build(request, tell, stop)
    return outcome.exit_code


if __name__ == "__main__":
    sys.exit(main())
