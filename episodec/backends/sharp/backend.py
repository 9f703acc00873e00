"""Backend `sharp`: a portrait to a static scene, with the command line of Apple SHARP on this machine.

Stage scene: input `portrait`; the output is a scene file. Stage views: the character of that scene from the cameras of
`cameras.rows`, and its points. Only views near the portrait's own are meaningful: others are refused.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.tools.fingerprint import both
from episodec.tools.installed import (
    code_digest,
    device,
    environment,
    file_digests,
    now_ns,
    path_setting,
    python_and_repo,
    require_fresh_output,
    run_folder,
    sources,
    tool_environment,
)
from episodec.tools.notes import FIGURE, PORTRAIT, SUBJECT
from episodec.tools.process import run_tool

_ROUNDING_DEG = 1e-6
FURTHEST_DEG = 20.0  # From the portrait's own view: it cannot know the back, and hardly the sides.

SYSTEM = "SHARP"
LICENCE = (
    "SHARP: code under Apple's sample-code licence; weights under Apple's model licence for research purposes only: "
    "no commercial use"
)


class Sharp:
    """Stages scene and views. Settings: `python`, `repo` (its source tree), `checkpoint`, `device`."""

    stages: ClassVar[frozenset[str]] = frozenset({"scene", "views"})
    # It draws no random numbers, but bytes are only equal with the same GPU model and software.
    deterministic: ClassVar[bool] = False
    notes: ClassVar[Mapping[str, str]] = {**PORTRAIT, **FIGURE, **SUBJECT}
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE

    def resources(self, settings: Settings) -> Resources:
        """A GPU if the device is one; memory for its model at 1536 x 1536 pixels, and for its file."""
        return Resources(cpus=2, gpus=1 if device(settings) == "cuda" else 0, memory_mib=16_384)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        python, _, repo, checkpoint = _installed(settings)
        packages = environment(python, "torch", "gsplat")
        code = sources(repo, ("src/sharp/**/*.py",))
        parts = {
            "code": code_digest(repo, code, digests),
            "model": file_digests(checkpoint.parent, [checkpoint.name], digests)[checkpoint.name],
            "device": device(settings),
        }
        return both(packages, Fingerprint(parts, (str(checkpoint), *map(str, code))))

    def run(self, order: WorkOrder) -> None:
        from episodec.splat.scene_file import pieces

        if order.stage == "views":
            from episodec.scenes.views import write_views

            _check_near(order)
            write_views(order, _body(order, is_alone=True))
            return
        scene = _body(order, is_alone=False)
        with order.output().open("wb") as file:
            file.writelines(pieces(scene))


def _check_near(order: WorkOrder) -> None:
    """Refuse cameras outside SHARP's range before it runs."""
    from episodec.film.rows import unpack

    rows = unpack(order.input("cameras.rows").read_bytes())
    for place, row in enumerate(rows.order):
        x, y, z = (float(part) for part in rows.camera_to_world[row][:3, 3])
        angle = math.degrees(math.atan2(math.hypot(x, y), z))
        if angle > FURTHEST_DEG + _ROUNDING_DEG:
            facts = {"view": place, "from the portrait's": f"{angle:.1f}°", "at most": f"{FURTHEST_DEG:g}°"}
            hint = f"`scene: {{views: {{from_deg: -{FURTHEST_DEG:g}, to_deg: {FURTHEST_DEG:g}}}}}`, or another backend"
            raise BackendError(f"{SYSTEM} supports only views near the portrait's own", facts=facts, hint=hint)


def _body(order: WorkOrder, *, is_alone: bool) -> Any:
    """SHARP's scene of the portrait; without the background if the character is needed alone."""
    import numpy as np

    from episodec.faces.figure import figure_of
    from episodec.faces.pixels import rgba_of, save_opaque
    from episodec.faces.portrait import check_portrait
    from episodec.splat.sharp import body_of, focal_mm, subject

    python, program, repo, checkpoint = _installed(order.settings)
    portrait = _portrait(order)
    facts = check_portrait(portrait)
    rgba, notes = figure_of(order, rgba_of(portrait)) if is_alone else (rgba_of(portrait), ())
    folder, started = run_folder("sharp"), now_ns()
    picture, out = folder / "portrait.png", folder / "out"
    height, width = rgba.shape[:2]
    save_opaque(picture, rgba, focal_mm(width, height))
    flags: list[str | Path] = ["-i", picture, "-o", out, "-c", checkpoint, "--device", device(order.settings)]
    run_tool([python, program, "predict", *flags], cwd=folder, env=tool_environment(repo / "src"))
    # It also ends with exit code 0 when it does not accept the picture ("No valid images found").
    content = require_fresh_output(out / "portrait.ply", started, SYSTEM).read_bytes()
    is_cut_out = (facts.has_alpha or is_alone) and bool(np.ptp(rgba[..., 3]))
    body = body_of(content, subject(rgba, is_cut_out=is_cut_out), is_cut_out=is_cut_out)
    for note in (*facts.notes, *notes):
        order.note(*note)
    if not is_cut_out:
        order.note("subject-assumed", "the portrait is opaque: the character is assumed to be in its middle")
    return body.scene


def _installed(settings: Settings) -> tuple[Path, Path, Path, Path]:
    """The interpreter, the program, the source tree and the checkpoint."""
    python, repo = python_and_repo(settings, SYSTEM)
    checkpoint = path_setting(settings, "checkpoint", f"{SYSTEM}'s weights: sharp_2572gikvuh.pt", folder=False)
    program = python.with_name("sharp")
    if not program.is_file():
        hint = f"install {SYSTEM}'s source tree into that environment"
        raise SettingsError(f"{SYSTEM}'s environment lacks its program", facts={"missing": program}, hint=hint)
    return python, program, repo, checkpoint


def _portrait(order: WorkOrder) -> Path:
    """The single file whose role is `portrait` plus any suffix."""
    matches = [path for role, paths in order.inputs.items() if role.partition(".")[0] == "portrait" for path in paths]
    if len(matches) != 1:
        raise BackendError("the backend `sharp` needs one portrait", facts={"found": len(matches)})
    return matches[0]
