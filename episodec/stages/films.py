"""The films of an episode: each has its own frames, checks and stills; they share one plan, one voice and one mix."""

from collections.abc import Iterator
from dataclasses import replace

from episodec.engine.action import Action, ActionId, Artifact, Deliverable, Input
from episodec.spec.types_of_delivery import Film
from episodec.spec.types_of_sound import Captions
from episodec.stages.lowering import Lowered, Lowering, LoweringError, combined

PREVIEW = "preview"  # Used in ids of a preview's actions instead of a film's size.


def first_film(context: Lowering) -> Lowering:
    """The input for lowering the film that bears the episode's name."""
    return _of(context, context.episode.deliver[0]) if context.episode.deliver else context


def other_films(context: Lowering) -> Iterator[tuple[str, Lowering]]:
    """Yield the other films: the suffix of each one's name, and the input for lowering it.

    Raises:
        LoweringError: two of them have the same size, and so the same name.
    """
    names: dict[str, int] = {}
    twins: list[LoweringError] = []
    for place, film in enumerate(context.episode.deliver[1:], 1):
        of = _of(context, film)
        name = f"{of.size[0]}x{of.size[1]}" if of.size else ""
        if names.setdefault(name, place) != place:
            sentence, hint = f"two films would have the same name: both end in {name}", "give one of them another size"
            twins.append(LoweringError(("deliver", place), sentence, hint, code="E248"))
        yield name, replace(of, still=None, episode=replace(of.episode, name=f"{context.episode.name}_{name}"))
    if twins:
        raise combined(twins)


def _of(context: Lowering, film: Film) -> Lowering:
    captions = context.episode.captions if film.captions is None else Captions(burnt=film.captions == "burnt")
    return replace(
        context, size=film.size or context.size, has_headroom=True, episode=replace(context.episode, captions=captions)
    )


def as_film(name: str, of: Lowered) -> Lowered:
    """The same actions with the film's name in their ids: `d13-072/render/…` becomes `d13-072/1080x1920/render/…`."""
    ids = {action.id: _renamed(action.id, name) for action in of.actions}

    def moved(input_: Input) -> Input:
        if isinstance(input_, Artifact) and input_.action in ids:
            return Artifact(ids[input_.action], input_.output)
        return input_

    def action(original: Action) -> Action:
        inputs = {role: tuple(map(moved, files)) for role, files in original.inputs.items()}
        return replace(original, id=ids[original.id], inputs=inputs)

    delivered = tuple(Deliverable(one.path, _artifact(moved(one.artifact))) for one in of.deliverables)
    return Lowered(tuple(map(action, of.actions)), delivered, remarks=of.remarks)


def _artifact(input_: Input) -> Artifact:
    assert isinstance(input_, Artifact)
    return input_


def _renamed(action_id: ActionId, name: str) -> ActionId:
    episode, _, rest = action_id.partition("/")
    return ActionId(f"{episode}/{name}/{rest}")
