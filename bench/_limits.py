"""Plans of a long episode in one process: `python -m bench._limits FOLDER TIMES` prints the peak of memory after each.

In MiB, a line a plan: the process's own peak so far, interpreter and libraries included.
"""

import resource
import sys

from episodec.questions.plan import plan
from episodec.series.request import Request


def main(folder: str, times: int) -> None:
    for _ in range(times):
        (actual,) = plan(Request(targets=(folder,)))
        wrong = [one.message for one in actual.diagnostics if one.severity == "error"]
        if wrong or not actual.plans:
            raise SystemExit(f"the episode is not planned: {wrong}")
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
