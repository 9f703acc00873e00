"""The background, as a param and a picture file, for stages that draw it or separate the character from it."""

from episodec.digest import Canonical
from episodec.engine.action import Input
from episodec.spec.types_of_picture import Background
from episodec.stages.lowering import Lowering, role


def background_of(context: Lowering) -> tuple[Canonical, dict[str, tuple[Input, ...]]]:
    """The background as a param, and its picture if there is one: the episode's own, or else that of its character or
    series.
    """
    colour, own = context.episode.scene.background, context.episode.background
    background = Background(colours=(colour,)) if colour else own or context.background
    named = context.files[own.file] if own and own.file else None if own or colour else context.background_file
    picture: dict[str, tuple[Input, ...]] = {} if named is None else {role("background", named.path): (named,)}
    return {"colours": list(background.colours), "falloff": background.falloff}, picture
