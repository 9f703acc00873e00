"""Builds a studio in a process of its own, which tests kill: `python -m tests.builds.child FOLDER JOBS
[paged|trained] [STAGE=TOY …] [killed=EVENT:SECONDS]`. With `paged` its episodes have entries on an index page; with
`trained` it is a series of `trained`, which the stages lower. With `killed` it kills itself so many seconds after that
event (0: after its start): how far it is then does not follow from how fast the machine is.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from episodec.building.build import build
from episodec.building.run_context import Stop
from episodec.engine.events import Event
from episodec.series.request import Request
from tests.builds import paged, short, trained
from tests.builds.studio import BACKENDS, ROOT


def main() -> int:
    folder, jobs, *toys = sys.argv[1:]
    named = dict(toy.split("=") for toy in toys if "=" in toy)
    event, _, seconds = named.pop("killed", "-1:0").partition(":")
    die_at, told_events = int(event), 0
    which = next((toy for toy in toys if "=" not in toy), "short")
    backends = {"short": BACKENDS, "paged": paged.BACKENDS, "trained": trained.BACKENDS}[which]
    lower = {"short": short.lower, "paged": paged.lower, "trained": None}[which]
    stop = Stop()

    def heed(*_: object) -> None:
        stop.level += 1

    def die() -> None:
        if float(seconds) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        timer = threading.Timer(float(seconds), os.kill, (os.getpid(), signal.SIGKILL))
        timer.daemon = True
        timer.start()

    signal.signal(signal.SIGINT, heed)
    if die_at == 0:
        die()
    request = Request(
        targets=(str(Path(folder) / "episodes"),),
        jobs=int(jobs),
        environment={"HOME": "/nonexistent", "EPISODEC_ACCEPT_SETTINGS": "1"},
        backends={**backends, **{name: f"tests.toys.backends:{toy}" for name, toy in named.items()}},
        worker_path=(ROOT,),
        lower=lower,
    )

    def tell(event: Event) -> None:
        nonlocal told_events
        told_events += 1
        if told_events == die_at:
            die()
        messages = type(event).__name__, getattr(event, "id", ""), getattr(event, "error", "")
        sys.stdout.write(" ".join(map(str, messages)).replace("\n", " ") + "\n")
        sys.stdout.flush()

    (outcome,) = build(request, tell, stop)
    return outcome.exit_code


if __name__ == "__main__":
    sys.exit(main())
