"""The background, as a param and a picture file, for stages that draw it or separate the character from it."""

from episodec.digest import Canonical
from episodec.engine.action import Input
from episodec.spec.types import Background
from episodec.stages.lowering import Lowering, role


def background_of(at: Lowering) -> tuple[Canonical, dict[str, tuple[Input, ...]]]:
    """The background as a param, and its picture if there is one: the episode's own, or else that of its character or
    series.
    """
    colour, own = at.episode.scene.background, at.episode.background
    said = Background(colours=(colour,)) if colour else own or at.background
    named = at.files[own.file] if own and own.file else None if own or colour else at.background_file
    picture: dict[str, tuple[Input, ...]] = {} if named is None else {role("background", named.path): (named,)}
    return {"colours": list(said.colours), "falloff": said.falloff}, picture
