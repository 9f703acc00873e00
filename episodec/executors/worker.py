"""The program of a worker process, which `runner/fresh.py` starts.

It joins what performs orders, which decides results, with the contracts of stages, which decide whether they are kept.
"""

from episodec.contracts.hold import hold
from episodec.runner.worker import serve


def main() -> None:
    """Answer orders until the order pipe ends."""
    serve(hold)
