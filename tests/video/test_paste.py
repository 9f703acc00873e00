"""A drawn face on its frame."""

import numpy as np

from episodec.video.paste import pasted, soft_mask

SIDE = 64
RANDOM = np.random.default_rng(3)
FRAME = RANDOM.integers(0, 256, (120, 100, 3), np.uint8)
TO_FACE = np.array([[0.9, 0.1, -20.0], [-0.1, 0.9, -15.0]])


def mouth() -> np.ndarray:
    drawn = np.zeros((SIDE, SIDE), np.bool_)
    drawn[30:60, 10:50] = True
    return drawn


def test_what_the_mask_does_not_let_through_stays_bit_for_bit() -> None:
    face = np.full((SIDE, SIDE, 3), 200, np.uint8)
    out = pasted(FRAME, face, soft_mask(mouth()), TO_FACE, 1.0)
    y, x = np.mgrid[:120, :100]
    column = TO_FACE[0, 0] * x + TO_FACE[0, 1] * y + TO_FACE[0, 2]
    row = TO_FACE[1, 0] * x + TO_FACE[1, 1] * y + TO_FACE[1, 2]
    outside = (column < 9) | (column > 50) | (row < 29) | (row > 60)
    assert (out == FRAME)[outside].all()
    middle = (column > 20) & (column < 40) & (row > 40) & (row < 50)
    assert (out == 200)[middle].all()
    assert out is not FRAME


def test_the_edge_is_soft_and_the_square_is_an_edge() -> None:
    share = soft_mask(np.ones((SIDE, SIDE), np.bool_))
    assert share[0].max() == 0
    assert share[SIDE // 2, SIDE // 2] == 1
    assert 0 < share[2, SIDE // 2] < 1
    assert np.abs(np.diff(share, axis=0)).max() <= 0.26


def test_a_weight_fades_the_whole_face() -> None:
    face = np.full((SIDE, SIDE, 3), 200, np.uint8)
    share = soft_mask(mouth())
    assert (pasted(FRAME, face, share, TO_FACE, 0.0) == FRAME).all()
    half, whole = (pasted(FRAME, face, share, TO_FACE, weight).astype(int) for weight in (0.5, 1.0))
    assert np.abs(half - (FRAME + whole) / 2).max() <= 1


def test_a_face_outside_the_frame_changes_nothing() -> None:
    away = np.array([[1.0, 0.0, -1000.0], [0.0, 1.0, -1000.0]])
    assert pasted(FRAME, np.zeros((SIDE, SIDE, 3), np.uint8), soft_mask(mouth()), away, 1.0) is FRAME
