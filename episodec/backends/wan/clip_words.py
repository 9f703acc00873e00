"""Prompts and seeds for a model that animates a picture: the author's text, and the movement of the camera."""

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
    """The prompt of a clip of `clip_plan`."""
    view_words = _STILL if clip == FRONT else _ORBIT.format(side=clip, degrees=round(arc_deg))
    return f"{prompt.strip()} {view_words}"


def take_seed(system: str, seed: Canonical, take: Canonical, limit: int) -> int:
    """The order's seed, below the limit; other takes derive theirs from it.

    Raises:
        BackendError: it is not a whole number from 0, below the limit.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < limit:
        raise BackendError("a motion's seed must be a whole number from 0", facts={"seed": seed, "below": limit})
    if take in {None, 1}:
        return seed
    parts: dict[str, Canonical] = {"seed": seed, "take": take}
    return number_of(f"{system}-seed/1", parts, limit)
