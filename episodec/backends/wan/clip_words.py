"""What a model that moves a picture is told: the author's words, and what its camera does; and by which seed."""

from episodec.backends.wan.clip_plan import FRONT
from episodec.digest import Canonical, number_of
from episodec.errors import BackendError

PROMPT = "The person looks at the viewer, breathes calmly, blinks, turns the head a little, smiles and talks."

_STILL = "The camera stands still. The background is plain white."
_ORBIT = (
    "The camera moves slowly in an arc around the person to the {side}, about {degrees} degrees, and keeps the person "
    "in the middle. The background is plain white."
)


def words_for(clip: str, prompt: str, arc_deg: float) -> str:
    """The words for a clip of `clip_plan`."""
    said = _STILL if clip == FRONT else _ORBIT.format(side=clip, degrees=round(arc_deg))
    return f"{prompt.strip()} {said}"


def take_seed(system: str, seed: Canonical, take: Canonical, limit: int) -> int:
    """The seed that was asked for, below the limit; another take's follows from it.

    Raises:
        BackendError: it is no whole number from 0, below the limit.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < limit:
        raise BackendError("a motion's seed must be a whole number from 0", facts={"seed": seed, "below": limit})
    if take in {None, 1}:
        return seed
    parts: dict[str, Canonical] = {"seed": seed, "take": take}
    return number_of(f"{system}-seed/1", parts, limit)
