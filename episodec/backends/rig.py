"""Backend `rig`: makes a scene perform, using only its own front view, whichever backend made it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder


class RigBackend:
    """Stage rig: `still.scene` to `mouth.rig` and `face.json`, the position of the face and how certain it is.

    A scene without a face, or whose face the head does not fit, gets an empty rig, with which nothing moves.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"rig"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "rig-no-face": "The front view of the scene shows no face: nothing in it performs.",
        "rig-unfit": "The head does not fit the scene's face well enough: nothing in it performs.",
        "rig-mouth-open": "The scene's mouth is open at rest: its lips close less well.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        import json

        from episodec.splat.rig.build import build_rig
        from episodec.splat.rig.model import empty_rig
        from episodec.splat.rig.rig_file import encode_rig
        from episodec.splat.scene import columnar
        from episodec.splat.scene_file import decode_scene

        scene = columnar(decode_scene(order.input("still.scene").read_bytes()))
        fitted = _fitted(order, scene)
        rig, facts = (
            (empty_rig(), {"found": False}) if fitted is None else (build_rig(scene, *fitted), _face_facts(*fitted))
        )
        order.outputs["mouth.rig"].write_bytes(encode_rig(rig))
        text = json.dumps({"version": 1, **facts}, indent=1, sort_keys=True)
        order.outputs["face.json"].write_text(text + "\n", encoding="utf-8")


def _fitted(order: WorkOrder, scene: Any) -> Any:
    """The scene's front and the head fitted to it; None, with a note, if nothing can perform."""
    from episodec.face.landmarks import eye_distance
    from episodec.faces.heads import fitted_front
    from episodec.splat.rig.build import MOST_RESIDUAL, fits

    front = fitted_front(scene, order.cpus)
    if front is None:
        order.note("rig-no-face", "the front view of the scene shows no face: it does not speak, look or blink")
        return None
    _, fitted = front
    unit = eye_distance(fitted.landmarks.points)
    if not fits(fitted, unit):
        away = f"{fitted.residual.p90 / unit:.1%} of the eyes' distance, more than {MOST_RESIDUAL:.0%}"
        order.note("rig-unfit", f"the head fits the scene's face to {away}: it does not speak, look or blink")
        return None
    if fitted.has_open_mouth:
        sentence = "the mouth is open at rest: lips close less well on `m`, `b` and `p`"
        order.note("rig-mouth-open", sentence, hint="use a portrait with closed lips")
    return front


def _face_facts(front: Any, fitted: Any) -> dict[str, Any]:
    """Facts about the face for face.json: positions in metres of the world, ratios in eye distances."""
    from episodec.face.landmarks import eye_distance, lip_gap
    from episodec.splat.rig.faces import face_of
    from episodec.splat.rig.placing import Placing

    unit = eye_distance(fitted.landmarks.points)
    placing = Placing(face_of(front, fitted))
    metre = front.metre(placing.eyes_m)
    middle = placing.world(fitted.landmarks.points[[4, 13]].mean(axis=0)[None], fitted.depth[:1] * 0)[0]
    return {
        "found": True,
        "score": fitted.landmarks.score,
        "residual": {
            "median": round(fitted.residual.median / unit, 5),
            "p90": round(fitted.residual.p90 / unit, 5),
            "worst": round(fitted.residual.worst / unit, 5),
        },
        "eye_distance_m": round(unit * metre, 6),
        "middle_m": [round(float(each), 6) for each in middle],
        "slice": front.slice,
        "rest_gap": round(lip_gap(fitted.landmarks.points) / unit, 5),
        "is_mouth_open": fitted.has_open_mouth,
    }
