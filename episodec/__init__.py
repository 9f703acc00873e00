"""episodec: a declarative compiler of episode specs with content-hash caching."""

__version__ = "0.1.0"
