"""episodec: a declarative compiler of episode specs with content-hash caching."""

import time

__version__ = "0.1.0"

LOADED_AT_NS = time.time_ns()
"""Before this process read any other file of this package; nanoseconds since 1970."""
