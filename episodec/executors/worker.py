"""The program of a worker process: `python -m episodec.executors.worker`.

It joins what performs orders, which decides results, with the contracts of stages, which decide whether they are kept.
"""

from episodec.contracts.hold import hold
from episodec.runner.worker import serve

if __name__ == "__main__":
    serve(hold)
