"""episodec: a declarative compiler of episode specs with content-hash caching."""

import time

__version__ = "0.1.0"

LOADED_AT_NS = time.time_ns()
"""Nanoseconds since 1970, taken before this process reads any other file of this package."""
