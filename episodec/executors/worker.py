"""The program of a worker process, which `runner/fresh.py` starts.

It combines the runner, which decides results, with the contracts of stages, which decide whether they are stored.
"""

from episodec.contracts.hold import hold
from episodec.runner.worker import serve


def main() -> None:
    """Serve orders until the order pipe closes."""
    serve(hold)
