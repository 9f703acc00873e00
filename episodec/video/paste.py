"""Pastes a drawn face back onto the frame that it was cut from.

A face lies in an aligned square; an affine map leads from the frame's pixels to it. Only what a mask lets through is
pasted, so pixels outside it stay as they are, bit for bit.
"""

import numpy as np
from numpy.typing import NDArray

from episodec.video.frames import Frame

Floats = NDArray[np.float32]

ERODE = 1 / 64  # Of the side of the square: what is drawn at the mask's very edge is not used.
FEATHER = 1 / 16  # The width of the soft edge, inwards from there.


def soft_mask(drawn: NDArray[np.bool_]) -> Floats:
    """(side, side): the share of the drawn face, 0 to 1: 0 outside the mask and near its edge, then rising.

    drawn: (side, side), where the model has drawn.
    """
    import cv2

    side = len(drawn)
    inside = np.pad(drawn.astype(np.uint8), 1)  # Beyond the square nothing is drawn.
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    share: Floats = np.clip((distance - ERODE * side) / (FEATHER * side), 0, 1).astype(np.float32)
    return share


def pasted(frame: Frame, face: NDArray[np.uint8], share: Floats, to_face: NDArray[np.float64], weight: float) -> Frame:
    """The frame with the face.

    face: (side, side, 3), sRGB. share: (side, side), as of `soft_mask`. to_face: (2, 3), from the frame's pixels to the
    square's. weight: of the whole face, 0 to 1, to fade it.
    """
    import cv2

    height, width = frame.shape[:2]
    back = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    part = cv2.warpAffine(share, to_face, (width, height), flags=back, borderValue=0) * np.float32(weight)
    rows, columns = np.nonzero(part.any(axis=1))[0], np.nonzero(part.any(axis=0))[0]
    if not len(rows):
        return frame
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    whole = cv2.warpAffine(face, to_face, (width, height), flags=back, borderMode=cv2.BORDER_REPLICATE)
    share_here = part[box][..., None]
    mixed = frame[box] + (whole[box].astype(np.float32) - frame[box]) * share_here
    out = frame.copy()
    out[box] = np.where(share_here > 0, np.rint(np.clip(mixed, 0, 255)), frame[box]).astype(np.uint8)
    return out
