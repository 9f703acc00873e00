"""Builds the rig of a scene: the head fitted to its front view, the Gaussians bound to it, and the rig's own parts."""

import numpy as np

from episodec.face.fit import FittedHead
from episodec.splat.rig.binding import bound_to
from episodec.splat.rig.eyes import eye_parts
from episodec.splat.rig.faces import face_of
from episodec.splat.rig.front import Front
from episodec.splat.rig.model import SKIN, Rig, empty_rig
from episodec.splat.rig.mouth import mouth_parts
from episodec.splat.rig.parts import assembled
from episodec.splat.rig.placing import Placing
from episodec.splat.rig.rigid import motions_of
from episodec.splat.scene import Scene

MOST_RESIDUAL = 0.02  # In eye distances, at the ninetieth percentile: a head with a larger error gets no rig.


def fits(fitted: FittedHead, unit: float) -> bool:
    """Whether a head is close enough to its face; unit: pixels between the eyes."""
    return fitted.residual.p90 <= MOST_RESIDUAL * unit


def build_rig(scene: Scene, front: Front, fitted: FittedHead) -> Rig:
    """The rig of a scene, from the head fitted to its front view."""
    face = face_of(front, fitted)
    if not (face.share > 0).any():
        return empty_rig()
    placing = Placing(face)
    body = bound_to(placing)
    hidden = np.zeros(scene.count, np.bool_)
    hidden[body.index[body.group != SKIN]] = True
    parts, lids = assembled((*mouth_parts(placing, hidden), *eye_parts(placing, hidden)))
    skin = body.index[(body.group == SKIN) & (body.share > 200)]
    motions = np.eye(3, 4)[None]
    if scene.slices is not None and len(skin) > 3:
        motions = motions_of(scene.slices, front.slice, skin)
    return Rig(scene.count, placing.mesh(), body, parts, lids, placing.neck(), motions)
