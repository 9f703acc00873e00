"""The films of an episode: each has its own frames, checks and stills; they share one plan, one voice and one mix."""

from collections.abc import Iterator
from dataclasses import replace

from episodec.engine.action import Action, ActionId, Artifact, Deliverable, Input
from episodec.spec.types import Captions, Film
from episodec.stages.lowering import Lowered, Lowering, Unlowered, refused

PREVIEW = "preview"  # Used in ids of a preview's actions instead of a film's size.


def first_film(at: Lowering) -> Lowering:
    """The input for lowering the film that bears the episode's name."""
    return _of(at, at.episode.deliver[0]) if at.episode.deliver else at


def other_films(at: Lowering) -> Iterator[tuple[str, Lowering]]:
    """Yield the other films: the suffix of each one's name, and the input for lowering it.

    Raises:
        Unlowered: two of them have the same size, and so the same name.
    """
    names: dict[str, int] = {}
    twins: list[Unlowered] = []
    for place, film in enumerate(at.episode.deliver[1:], 1):
        of = _of(at, film)
        name = f"{of.size[0]}x{of.size[1]}" if of.size else ""
        if names.setdefault(name, place) != place:
            sentence, hint = f"two films would have the same name: both end in {name}", "give one of them another size"
            twins.append(Unlowered(("deliver", place), sentence, hint, code="E248"))
        yield name, replace(of, still=None, episode=replace(of.episode, name=f"{at.episode.name}_{name}"))
    if twins:
        raise refused(twins)


def _of(at: Lowering, film: Film) -> Lowering:
    captions = at.episode.captions if film.captions is None else Captions(burnt=film.captions == "burnt")
    return replace(at, size=film.size or at.size, has_headroom=True, episode=replace(at.episode, captions=captions))


def as_film(name: str, of: Lowered) -> Lowered:
    """The same actions with the film's name in their ids: `d13-072/render/…` becomes `d13-072/1080x1920/render/…`."""
    ids = {action.id: _renamed(action.id, name) for action in of.actions}

    def moved(one: Input) -> Input:
        if isinstance(one, Artifact) and one.action in ids:
            return Artifact(ids[one.action], one.output)
        return one

    def action(one: Action) -> Action:
        inputs = {role: tuple(map(moved, files)) for role, files in one.inputs.items()}
        return replace(one, id=ids[one.id], inputs=inputs)

    delivered = tuple(Deliverable(one.path, _artifact(moved(one.artifact))) for one in of.deliverables)
    return Lowered(tuple(map(action, of.actions)), delivered, remarks=of.remarks)


def _artifact(one: Input) -> Artifact:
    assert isinstance(one, Artifact)
    return one


def _renamed(one: ActionId, name: str) -> ActionId:
    episode, _, rest = one.partition("/")
    return ActionId(f"{episode}/{name}/{rest}")
