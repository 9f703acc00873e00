"""Shared parts of the stages that train a character's scene: ids, cameras, numbers.

All episodes of a character share their actions, which depend on character.yaml and the files that it names. They depend
on an episode only if it names a backend or overrides for these stages.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from episodec.digest import Canonical
from episodec.engine.action import ActionId, Literal
from episodec.film.camera import shots
from episodec.film.exact import Floats
from episodec.film.moves import CameraSegment, Orbit, Vector
from episodec.film.path_file import read_path
from episodec.film.still_rows import past_the_end, still_rows
from episodec.film.track_errors import BadTrack
from episodec.spec.structure import section
from episodec.spec.types_of_character import Motion, Training, Views
from episodec.splat.relief import HEIGHT_M
from episodec.stages.lowering import DEFAULT_BACKENDS, BackendChoice, Lowering, LoweringError, action_id

VIEWS_TIME = 0.5
"""The scene time of the still pictures: the middle of the motion."""

FROM = {
    "views": (),
    "motion": (),
    "refine": ("motion",),
    "dataset": ("views", "motion", "refine"),
    "train": ("views", "motion", "refine", "dataset"),
    "scene-check": ("views", "motion", "refine", "dataset", "train"),
}
"""The stages of a trained scene, in the order of the data flow, each with those that its outputs depend on."""


@dataclass(frozen=True, slots=True)
class Preset:
    """The size of a training."""

    size: int  # Pixels: the side of the square pictures.
    gaussians: int  # The maximum number.
    coarse_iterations: int
    iterations: int
    sh_degree: int


PRESETS: Mapping[str, Preset] = {
    "draft": Preset(size=320, gaussians=24_000, coarse_iterations=400, iterations=1000, sh_degree=0),
    "production": Preset(size=800, gaussians=134_000, coarse_iterations=3000, iterations=20_000, sh_degree=3),
}


def preset_of(context: Lowering) -> Preset:
    """The training's numbers: the character's own, else the preset of its quality, else of the profile's quality."""
    training = context.modelling.scene.training
    preset = PRESETS[training.quality or context.modelling.quality]
    return Preset(**{name: _first(getattr(training, name), number) for name, number in section(preset).items()})


def _first(given: int | None, default: Canonical) -> int:
    assert isinstance(default, int)
    return default if given is None else given


def shared_id(context: Lowering, stage: str, choice: BackendChoice, clip: int = 0) -> ActionId:
    """`alpha/views/relief`, or `d13-072/views` if the episode names a backend or overrides for this stage or one before
    it; further clips of a motion are `alpha/motion-2/sway`.
    """
    name = f"{stage}-{clip + 1}" if clip else stage
    named = {*context.episode.overrides, *context.episode.backends}
    if named.intersection((stage, *FROM[stage])):
        return action_id(context.episode, name)
    return ActionId(
        "/".join((context.episode.character, name, *(() if stage in DEFAULT_BACKENDS else (choice.backend,))))
    )


def views_rows(context: Lowering) -> Literal:
    """The cameras of the still pictures: from the author's list, or on a circle or arc."""
    views = context.modelling.scene.views
    return _views_rows(views, context.modelling.lists[views.images] if views.images else None, preset_of(context).size)


def clips_of(context: Lowering) -> tuple[Motion, ...]:
    """The clips of the character's motion, one or several."""
    return tuple(clip for _, clip in context.modelling.scene.motions())


def motion_rows(context: Lowering, motion: Motion) -> Literal:
    """The cameras of a motion clip: in front, where the portrait was taken, with the lens of the views; or those of the
    author's list if it has any.
    """
    listed = context.modelling.lists.get(motion.images) if motion.images else None
    return _motion_rows(motion, listed, _lens_deg(context), preset_of(context).size)


def _lens_deg(context: Lowering) -> float:
    """The vertical field of view of all training pictures, in degrees."""
    views = context.modelling.scene.views
    return _listed_lens_deg(context.modelling.lists[views.images]) if views.images else views.fov_y_deg


# Rows depend only on values that a series' episodes share, so each is computed once per process. The caches are small
# because the text of a list may have 16 MiB.


@lru_cache(maxsize=8)
def _views_rows(views: Views, listed: str | None, side: int) -> Literal:
    """`listed`: the text of the author's list; `side`: pixels."""
    if listed is not None:
        poses, lens_deg = _listed(listed)
    else:
        # An arc has a camera at each end; on a circle these would coincide.
        is_whole = (views.to_deg - views.from_deg) % 360 == 0
        to_deg = views.to_deg if is_whole else past_the_end(views.from_deg, views.to_deg, views.count)
        poses = _circle(views.look_at, views.radius, views.elevation_deg, (views.from_deg, to_deg), views.count)
        lens_deg = views.fov_y_deg
    return Literal(still_rows((side, side), poses, lens_deg, [VIEWS_TIME] * len(poses)))


@lru_cache(maxsize=8)
def _motion_rows(motion: Motion, listed: str | None, lens_deg: float, side: int) -> Literal:
    """`listed`: the text of the author's list; `lens_deg`: the views'; `side`: pixels."""
    if listed is not None:
        poses, listed_deg = _listed(listed)
        if abs(listed_deg - lens_deg) > 1e-6:
            sentence = (
                f"the motion's pictures have a field of view of {listed_deg:g} degrees, the views one of {lens_deg:g}"
            )
            raise LoweringError(
                ("scene",), sentence, "a scene is trained with one lens: give both the same", code="F421"
            )
    else:
        distance = HEIGHT_M / 2 / math.tan(math.radians(lens_deg) / 2)
        half = motion.arc_deg / 2 if motion.camera == "orbit" else 0.0
        turn = (-half, past_the_end(-half, half, motion.frames))
        poses = _circle((0.0, 0.0, 0.0), distance, 0.0, turn, motion.frames)
    times = [k / (motion.frames - 1) for k in range(motion.frames)]
    return Literal(still_rows((side, side), poses, lens_deg, times))


@lru_cache(maxsize=8)
def _listed_lens_deg(listed: str) -> float:
    return _listed(listed)[1]


def _listed(text: str) -> tuple[Floats, float]:
    """The poses of a list of pictures and their common field of view in degrees; `project` has validated the list."""
    path = read_path(text, 1.0)
    return path.camera_to_world, float(path.fov_y_deg[0])


def _circle(look_at: Vector, radius: float, elevation_deg: float, turn: tuple[float, float], count: int) -> Floats:
    """(count, 4, 4) poses, from the turn's first azimuth up to, but excluding, its second."""
    move = Orbit(
        look_at=look_at,
        radius=radius,
        elevation_deg=elevation_deg,
        from_deg=turn[0],
        sweep_deg=turn[1] - turn[0],
        fov_y_deg=35.0,
        ease="linear",
    )
    try:
        return shots(CameraSegment(count, move), range(count)).camera_to_world
    except BadTrack as bad:
        raise LoweringError(("scene",), f"the character's cameras: {bad.flaws[0].sentence}", bad.flaws[0].hint) from bad


def training_of(context: Lowering) -> Training:
    """The training section of character.yaml."""
    return context.modelling.scene.training
