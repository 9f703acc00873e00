"""Backend `pulid`: restores the portrait's face in moving pictures, with PuLID for FLUX on this machine.

PuLID draws a person with the portrait's face from noise. Pose and light come from each frame, which is mixed with that
noise as `strength` says; at 1 nothing of the frames remains, and all results are the same picture.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.backends.pulid.install import LICENCE, MEMORY_MIB, NUMBERS, SYSTEM, Drawing, draw, identity, pulid
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Overrides, Whole
from episodec.tools.notes import REFINED
from episodec.tools.params import checked, overrides_of, spoken

PROMPT = "portrait, photo, natural skin, even light, plain white background"
MOST_STRENGTH = 0.95  # Above it the motion is lost.

_SEED = Whole(0, (1 << 63) - 1, meaning="Another result.")


class PulidBackend:
    """Stage refine: inputs `portrait.png` and `frame.png`, in order; params of `scene.refine`, optional `overrides`.

    Settings: `python`, `repo`, `checkpoints`, `hub`, `offload`, `fp8`.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"refine"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same GPU model and software.
    notes: ClassVar[Mapping[str, str]] = REFINED
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = NUMBERS

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=2, gpus=1, memory_mib=MEMORY_MIB)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return identity(pulid(settings), digests)

    def run(self, order: WorkOrder) -> None:
        from episodec.faces.conform import save_picture
        from episodec.faces.pixels import rgba_of
        from episodec.faces.portrait import check_portrait
        from episodec.faces.refining import frames_of, laid_back, write_refined
        from episodec.splat.white import on_white

        numbers, words = parameters(order)
        frames = frames_of(order)
        check_portrait(order.input("portrait.png"))
        if not numbers["strength"]:
            write_refined(order, frames, frames)
            return
        install = pulid(order.settings)
        order.scratch.mkdir(parents=True, exist_ok=True)
        face = order.scratch / "portrait.png"
        save_picture(face, on_white(rgba_of(order.input("portrait.png"))))
        drawings = _drawings(order, frames, numbers)
        if missing := [one for one in drawings if not one.to.is_file()]:  # After a kill, some exist already.
            draw(install, face, missing, numbers, words)
        refined = [laid_back(rgba_of(one.to)[..., :3], frame) for one, frame in zip(drawings, frames, strict=True)]
        write_refined(order, frames, refined)


def _drawings(order: WorkOrder, frames: Any, numbers: dict[str, Any]) -> list[Drawing]:
    """One drawing per frame, all with the same noise, so differences between two results come from the frames."""
    from episodec.faces.conform import save_picture
    from episodec.faces.framing import resized
    from episodec.faces.refining import frame_name
    from episodec.splat.white import on_white

    drawings = []
    for number, frame in enumerate(frames):
        start: Path = order.scratch / f"from_{number:03}.png"
        save_picture(start, resized(on_white(frame), int(numbers["side"])))
        drawings.append(Drawing(int(numbers["seed"]), order.scratch / frame_name(number), start))
    return drawings


def parameters(order: WorkOrder) -> tuple[dict[str, Any], tuple[str, str]]:
    """The numbers for PuLID, the prompt and the negative prompt.

    Raises:
        BackendError: a parameter is unknown, out of its range, or would be silently ignored.
    """
    numbers = overrides_of(order, NUMBERS, ("steps", "strength"))
    seed = order.params.get("seed")
    numbers["seed"] = checked("seed", 0 if seed is None else seed, _SEED, SYSTEM)
    words = spoken(order, "prompt", PROMPT, SYSTEM), spoken(order, "negative_prompt", "", SYSTEM)
    if not words[0].strip():
        raise BackendError(f"{SYSTEM} needs a prompt")
    if words[1] and numbers["true_cfg"] <= 1:
        hint = "`overrides: {refine: {true_cfg: 4, guidance: 1}}`, or no negative prompt"
        raise BackendError(f"{SYSTEM} ignores a negative prompt at true_cfg 1", hint=hint)
    if numbers["strength"] > MOST_STRENGTH:
        facts = {"strength": numbers["strength"], "at most": MOST_STRENGTH}
        raise BackendError("nothing of the frames' motion would remain", facts=facts)
    return numbers, words
