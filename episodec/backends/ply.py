"""Backend `ply`: an existing .ply of Gaussians (3D Gaussian Splatting, Apple SHARP) as a scene that stands still.

Stage scene; input `scene`. Its output is our own scene file; numbers and axes stay as they are.
"""

from typing import ClassVar

from episodec.backends.fingerprint import package_versions, with_parts
from episodec.engine.protocols import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError

VERSION = 1  # Raised when other bytes come out.


class PlyBackend:
    """Stage scene, from a .ply of the author's."""

    stages: ClassVar[frozenset[str]] = frozenset({"scene"})
    deterministic: ClassVar[bool] = True

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return with_parts(package_versions("numpy"), {"version": VERSION})

    def run(self, order: WorkOrder) -> None:
        from episodec.splat.ply import read_ply
        from episodec.splat.scene_file import pieces

        found = [path for role, paths in order.inputs.items() if role.partition(".")[0] == "scene" for path in paths]
        if len(found) != 1:
            raise BackendError("the backend `ply` needs one scene", facts={"found": len(found)})
        try:
            loaded = read_ply(found[0].read_bytes())
        except BackendError as error:
            raise BackendError(error.sentence, facts={"file": found[0].name, **error.facts}, hint=error.hint) from error
        for note in loaded.notes:
            print(note)  # noqa: T201  # To the action's log.
        with order.output().open("wb") as file:
            file.writelines(pieces(loaded.scene))
