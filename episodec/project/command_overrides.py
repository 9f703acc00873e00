"""Overrides of specs by the command line: a profile, backends of stages, a frame as a picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from episodec.timebase import Moment


@dataclass(frozen=True, slots=True)
class CommandOverrides:
    """The command line's overrides of the specs."""

    profile: str | None = None
    backends: Mapping[str, str] = field(default_factory=dict)  # Stage to backend.
    preview: bool = False  # Whether small chunks are rendered for a quick look; they are not published.
    still: Moment | None = None  # The frame to render as a picture; it is not published.

    def variant(self) -> str:
        """One word for these options in traces: each variant is built and remembered separately."""
        parts = [_escaped(self.profile or "")]
        parts += [f"{_escaped(stage)}={_escaped(name)}" for stage, name in sorted(self.backends.items())]
        return ",".join(parts)


def _escaped(name: str) -> str:
    """The name with the separators of variants percent-encoded."""
    return name.replace("%", "%25").replace(",", "%2C").replace("=", "%3D")
