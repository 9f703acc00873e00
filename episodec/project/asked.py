"""What a command asks for over what specs say: a profile, backends of stages, a frame as a picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from episodec.timebase import Moment


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says over what the specs say."""

    profile: str | None = None
    backends: Mapping[str, str] = field(default_factory=dict)  # Stage to backend.
    preview: bool = False  # Whether small chunks are rendered besides, to be looked at soon; they are not published.
    still: Moment | None = None  # The frame that is rendered as a picture besides; nothing of it is published.

    def variant(self) -> str:
        """One word for it in traces: what was asked for otherwise is built and remembered apart."""
        said = [_escaped(self.profile or "")]
        said += [f"{_escaped(stage)}={_escaped(name)}" for stage, name in sorted(self.backends.items())]
        return ",".join(said)


def _escaped(name: str) -> str:
    """The name without the signs that part names in a variant."""
    return name.replace("%", "%25").replace(",", "%2C").replace("=", "%3D")
