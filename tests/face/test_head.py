import numpy as np
import pytest

from episodec.face.data import HEAD
from episodec.face.head import PARTS, REGIONS, Head, normals_of, pose, read_head, triangles_of, write_head
from episodec.face.landmarks import LEFT_UPPER_LID, RIGHT_UPPER_LID

# ARKit's blend shapes (ARFaceAnchor.BlendShapeLocation); those with two sides by their stems.
ONE_SIDED = [
    *("browInnerUp", "cheekPuff", "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "mouthFunnel"),
    *("mouthLeft", "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower"),
    *("mouthShrugUpper", "tongueOut"),
]
TWO_SIDED = [
    *("browDown", "browOuterUp", "cheekSquint", "eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp"),
    *("eyeSquint", "eyeWide", "mouthDimple", "mouthFrown", "mouthLowerDown", "mouthPress", "mouthSmile"),
    *("mouthStretch", "mouthUpperUp", "noseSneer"),
]
NAMES = {*ONE_SIDED, *(f"{stem}{side}" for stem in TWO_SIDED for side in ("Left", "Right"))}


@pytest.fixture(scope="module")
def head() -> Head:
    return read_head(HEAD.read_bytes())


def width(head: Head, vertices: np.ndarray) -> float:
    """Of the lips."""
    x = vertices[head.regions["lips"] > 0.5, 0]
    return float(x.max() - x.min())


def test_the_file_is_small_and_holds_all_parts_and_shapes(head: Head) -> None:
    assert HEAD.stat().st_size <= 200_000
    assert 4_900 <= len(head.vertices) <= 5_300
    assert set(head.shapes) == NAMES
    assert len(NAMES) == 52
    assert all(len(head.vertices_of(part)) > 50 for part in PARTS)
    assert set(head.regions) == set(REGIONS)
    assert all(0.1 < values.max() <= 1 for values in head.regions.values())


def test_what_is_written_is_read(head: Head) -> None:
    again = read_head(write_head(head))
    for name in ("vertices", "quads", "part", "uv", "slit", "marks", "mark_weights"):
        assert np.array_equal(getattr(again, name), getattr(head, name)), name
    for name, shape in head.shapes.items():
        assert np.array_equal(again.shapes[name].vertices, shape.vertices)
        assert np.array_equal(again.shapes[name].moves, shape.moves)
    assert all(np.array_equal(again.kinds[name], kind) for name, kind in head.kinds.items())
    assert np.array_equal(again.openings["left"].upper, head.openings["left"].upper)


@pytest.mark.parametrize("content", [b"", b"a head", HEAD.read_bytes()[:5000], HEAD.read_bytes()[:-1]])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a head model|damaged"):
        read_head(content)


def test_the_eyes_middle_is_the_origin_and_the_face_looks_forward(head: Head) -> None:
    left, right = (head.vertices[head.vertices_of(f"{eye}_eye")].mean(axis=0) for eye in ("left", "right"))
    assert np.abs(left + right).max() < 0.002
    assert left[0] > 0.2
    nose = head.vertices[head.vertices[:, 2].argmax()]
    assert abs(nose[0]) < 0.01
    assert -0.6 < nose[1] < -0.1
    triangles = head.triangles("skin")
    front = head.vertices[triangles][..., 2].min(axis=1) > 0
    faces = normals_of(head.vertices, triangles)[triangles[front]].mean(axis=1)
    assert (faces[:, 2] > 0).mean() > 0.7  # The rest lies in the nose, behind the lips and under the lids.


def test_lines_and_landmarks_lie_where_they_belong(head: Head) -> None:
    marks = head.landmarks()
    assert np.allclose(head.mark_weights.sum(axis=1), 1)
    assert head.mark_weights.min() >= -1e-4
    for eye, corners in (("right", (33, 133)), ("left", (362, 263))):
        opening = head.openings[eye]
        assert (np.diff(opening.upper[:, 0]) > 0).all()
        assert (opening.upper[2:-2, 1] > opening.lower[2:-2, 1]).all()
        for corner, end in zip(corners, (0, -1), strict=True):
            assert np.abs(marks[corner] - opening.upper[end]).max() < 0.06
    assert (np.diff(head.slit[:, 0]) > 0).all()
    lips = marks[[13, 14]].mean(axis=0)
    assert abs(np.interp(lips[0], head.slit[:, 0], head.slit[:, 1]) - lips[1]) < 0.02


def test_a_pose_moves_what_its_shapes_say_and_nothing_else(head: Head) -> None:
    assert np.array_equal(pose(head, {}), head.vertices)
    blink = pose(head, {"eyeBlinkLeft": 1.0})
    moved = np.flatnonzero((blink != head.vertices).any(axis=1))
    assert set(moved) <= set(head.shapes["eyeBlinkLeft"].vertices.tolist())
    lids = [list(RIGHT_UPPER_LID), list(LEFT_UPPER_LID[2:-2])]
    right, left = ((head.landmarks(blink) - head.landmarks())[each, 1] for each in lids)
    assert np.abs(right).max() < 0.002
    assert left.max() < -0.02  # The other eye's lid comes down.
    half = pose(head, {"jawOpen": 0.5, "browInnerUp": 0.25})
    assert np.array_equal(half, pose(head, {"browInnerUp": 0.25, "jawOpen": 0.5}))
    other = pose(head, {"jawOpen": 1.0}, head.kinds["male"])
    assert np.allclose(other - head.kinds["male"], pose(head, {"jawOpen": 1.0}) - head.vertices, atol=1e-9)
    with pytest.raises(KeyError):
        pose(head, {"jawopen": 1.0})


def test_the_mouth_is_made_narrow_by_pucker_and_funnel(head: Head) -> None:
    rest = width(head, head.vertices)
    assert width(head, pose(head, {"mouthPucker": 1.0})) < 0.7 * rest
    assert width(head, pose(head, {"mouthFunnel": 1.0})) < 0.85 * rest


def test_the_lower_lip_of_an_open_funnel_is_no_v(head: Head) -> None:
    """The edge of the lower lip falls towards the middle in a curve: its middle is not lower than beside it by much."""
    visible = pose(head, {"jawOpen": 0.36, "mouthFunnel": 0.7})
    edge = head.landmarks(visible)[[87, 14, 317], 1]
    assert edge[1] > (edge[0] + edge[2]) / 2 - 0.02


def test_triangles_of_quads_leave_out_what_is_flat() -> None:
    assert triangles_of(np.array([[0, 1, 2, 3], [4, 5, 6, 6]], np.int32)).tolist() == [[0, 1, 2], [0, 2, 3], [4, 5, 6]]
