"""Backend `ply`: an existing Gaussian scene, from a .ply of 3DGS or SHARP, or a scene file of episodec."""

from collections.abc import Mapping
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.tools.notes import OPACITY


class Ply:
    """Stage scene: the input `model.ply` or `model.scene` to `still.scene`."""

    stages: ClassVar[frozenset[str]] = frozenset({"scene"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = OPACITY

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.splat.ply import read_ply
        from episodec.splat.scene import LoadedScene
        from episodec.splat.scene_file import SUFFIX, decode_scene, encode_scene

        model_role = next((role for role in order.inputs if role.startswith("model.")), None)
        if model_role is None:
            hint = "give a scene with `scene: {file: …}`, or choose another backend for stage `scene`"
            raise BackendError("the backend `ply` needs a scene file", facts={"stage": order.stage}, hint=hint)
        content = order.input(model_role).read_bytes()
        try:
            loaded = LoadedScene(decode_scene(content)) if model_role.endswith(SUFFIX) else read_ply(content)
        except BackendError as error:
            raise BackendError(error.sentence, facts={"file": model_role, **error.facts}, hint=error.hint) from error
        for note in loaded.notes:
            order.note(*note)
        order.output().write_bytes(encode_scene(loaded.scene))
