"""The backend of the measured graph. Apart from the graph, so that a worker imports no more than a backend does."""

from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder

_VOICE = ("sentence-1", "sentence-2", "voice", "foley", "mix", "captions")
_STAGES = frozenset((*_VOICE, "scene", "render-1", "render-2", "lip-sync", "plan", "mux", "video"))


class Copy:
    """Each output is one line: its name, and the key of all that came in, so that every output differs."""

    stages: ClassVar[frozenset[str]] = _STAGES
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        """It depends on nothing."""
        return Fingerprint({"version": 1})

    def run(self, order: WorkOrder) -> None:
        """Write a short text to each output."""
        for name, path in order.outputs.items():
            path.write_text(f"{order.stage} {name} {order.key}\n")
