"""What the stages of a character's trained scene share: their ids, their cameras, their numbers.

Their actions are one for all episodes of the character: they hang on character.yaml and the files that it names, and on
an episode only where it names a backend or overrides of these stages.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from episodec.digest import Canonical
from episodec.engine.action import ActionId, Literal
from episodec.film.camera import shots
from episodec.film.exact import Floats
from episodec.film.flaw import BadTrack
from episodec.film.moves import CameraSegment, Orbit, Vector
from episodec.film.path_file import read_path
from episodec.film.stand import past_the_end, still_rows
from episodec.spec.structure import section
from episodec.spec.types import Motion, Training, Views
from episodec.splat.relief import HEIGHT_M
from episodec.stages.lowering import OURS, PATH_FIELDS, Choice, Lowering, Unlowered, action_id

VIEWS_TIME = 0.5
"""The scene time that the still pictures show: the middle of the motion."""

FROM = {
    "views": (),
    "motion": (),
    "refine": ("motion",),
    "dataset": ("views", "motion", "refine"),
    "train": ("views", "motion", "refine", "dataset"),
    "scene-check": ("views", "motion", "refine", "dataset", "train"),
}
"""The stages of a trained scene, in the order of the data flow, each with those that its outputs hang on."""


@dataclass(frozen=True, slots=True)
class Preset:
    """How much a scene is trained."""

    size: int  # Pixels: the side of the square pictures.
    gaussians: int  # At most.
    coarse_iterations: int
    iterations: int
    sh_degree: int


PRESETS: Mapping[str, Preset] = {
    "draft": Preset(size=320, gaussians=24_000, coarse_iterations=400, iterations=1000, sh_degree=0),
    "production": Preset(size=800, gaussians=134_000, coarse_iterations=3000, iterations=20_000, sh_degree=3),
}


def preset_of(at: Lowering) -> Preset:
    """The numbers of the character's training: what it says, else those of its quality, else those of the profile's."""
    training = at.modelling.scene.training
    preset = PRESETS[training.quality or at.modelling.quality]
    return Preset(**{name: _first(getattr(training, name), number) for name, number in section(preset).items()})


def _first(said: int | None, default: Canonical) -> int:
    assert isinstance(default, int)
    return default if said is None else said


def shared_id(at: Lowering, stage: str, choice: Choice) -> ActionId:
    """`alpha/views/relief`, or `d13-072/views` where the episode itself says how this stage or one before is done."""
    named = {*at.episode.overrides, *at.episode.backends}
    if named.intersection((stage, *FROM[stage])):
        return action_id(at.episode, stage)
    return ActionId("/".join((at.episode.character, stage, *(() if stage in OURS else (choice.backend,)))))


def chosen(at: Lowering, stage: str, takes: Mapping[str, str | None]) -> Choice:
    """Who does a stage that an author's file can replace; `takes` is the file that each such backend takes, or None.

    Raises:
        Unlowered: the episode names another backend than the file's, or one whose file is not there.
    """
    needed = next((name for name, file in takes.items() if file), None)
    named = at.episode.backends.get(stage)
    if needed and named not in {None, needed}:
        sentence = f"the backend `{named}` would not use the file that the character's `scene.{stage}` names"
        hint = f"remove `backends.{stage}`, or the file from character.yaml"
        raise Unlowered(("backends", stage), sentence, hint, code="E209")
    choice = at.choose(stage, needed)
    if choice.backend in takes and needed is None:
        sentence = f"the backend `{choice.backend}` takes an author's file, and the character names none"
        hint = f"name it in `scene.{stage}` of character.yaml, or choose another backend for stage `{stage}`"
        raise Unlowered((stage,), sentence, hint, code="E240")
    return choice


def said(of: Views | Motion) -> dict[str, Canonical]:
    """The whole section, without the files it names."""
    return {name: value for name, value in section(of).items() if name not in PATH_FIELDS}


def views_rows(at: Lowering) -> Literal:
    """The cameras of the still pictures: those of the author's list, or a circle's."""
    views = at.modelling.scene.views
    if views.images:
        poses, _ = _listed(at, views.images)
    else:
        # An arc has cameras at both of its ends, a circle would have two in one place.
        is_whole = (views.to_deg - views.from_deg) % 360 == 0
        to_deg = views.to_deg if is_whole else past_the_end(views.from_deg, views.to_deg, views.count)
        poses = _circle(views.look_at, views.radius, views.elevation_deg, (views.from_deg, to_deg), views.count)
    return _rows(at, poses, [VIEWS_TIME] * len(poses))


def motion_rows(at: Lowering) -> Literal:
    """The cameras of the moving pictures: from in front, where the portrait is seen as it is, through the views' lens;
    or those of the author's list.
    """
    motion, lens = at.modelling.scene.motion, lens_deg(at)
    if motion.images and "transform_matrix" in at.modelling.lists[motion.images]:
        poses, found = _listed(at, motion.images)
        if abs(found - lens) > 1e-6:
            sentence = f"the motion's pictures are taken through a lens of {found:g} degrees, the views of {lens:g}"
            raise Unlowered(("scene",), sentence, "one lens trains a scene: give both the same", code="F421")
    else:
        distance = HEIGHT_M / 2 / math.tan(math.radians(lens) / 2)
        half = motion.arc_deg / 2 if motion.camera == "orbit" else 0.0
        turn = (-half, past_the_end(-half, half, motion.frames))
        poses = _circle((0.0, 0.0, 0.0), distance, 0.0, turn, motion.frames)
    return _rows(at, poses, [k / (motion.frames - 1) for k in range(motion.frames)])


def lens_deg(at: Lowering) -> float:
    """The vertical field of view of all pictures that the scene is trained from."""
    views = at.modelling.scene.views
    return _listed(at, views.images)[1] if views.images else views.fov_y_deg


def _circle(look_at: Vector, radius: float, elevation_deg: float, turn: tuple[float, float], count: int) -> Floats:
    """(count, 4, 4) poses, from the first azimuth of the turn to before the second."""
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
        raise Unlowered(("scene",), f"the character's cameras: {bad.flaws[0].sentence}", bad.flaws[0].hint) from bad


def _listed(at: Lowering, name: str) -> tuple[Floats, float]:
    """The poses of a list of pictures, and the one field of view in degrees; `project` has looked at them before."""
    path = read_path(at.modelling.lists[name], 1.0)
    return path.camera_to_world, float(path.fov_y_deg[0])


def _rows(at: Lowering, poses: Floats, times: Sequence[float]) -> Literal:
    side = preset_of(at).size
    return Literal(still_rows((side, side), poses, lens_deg(at), times))


def training_of(at: Lowering) -> Training:
    """What the character says of its training."""
    return at.modelling.scene.training
