"""The user's cache folder of all tests and of the programs that they start: there compiled kernels are kept, and
compiling them takes longer than most tests. `make clean` removes it.
"""

from pathlib import Path

SHARED_CACHE = str(Path(__file__).parents[1] / ".pytest_cache" / "user")
