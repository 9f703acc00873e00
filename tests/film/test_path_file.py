import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.film.path_file import bent_by, read_path
from episodec.film.pose import look_at
from episodec.film.track_errors import BadTrack

POSES = look_at(np.array([[0, 0, 2.6], [1.5, 0.5, 2.0], [2.0, -1.0, 0.1]]), np.zeros((3, 3)))
ROWS = [pose.reshape(16).tolist() for pose in POSES]
FOVS = [35.0, 40.0, 50.0]


def nerfstudio(**changes: Any) -> dict[str, Any]:
    path = [{"camera_to_world": row, "fov": fov, "aspect": 1} for row, fov in zip(ROWS, FOVS, strict=True)]
    return {"camera_type": "perspective", "camera_path": path, "keyframes": [], "fps": 24, "seconds": 4} | changes


def keyframes() -> list[dict[str, Any]]:
    """As the Blender add-on writes them: a text that holds the matrix column by column."""
    columns = [json.dumps(pose.T.reshape(16).tolist()) for pose in POSES]
    return [{"matrix": column, "fov": fov, "aspect": 1} for column, fov in zip(columns, FOVS, strict=True)]


def transforms(**changes: Any) -> dict[str, Any]:
    frames = [{"file_path": f"./train/r_{i}", "transform_matrix": pose.tolist()} for i, pose in enumerate(POSES)]
    return {"camera_angle_x": math.radians(35), "frames": frames} | changes


@pytest.mark.parametrize(
    "tree",
    [
        nerfstudio(),
        nerfstudio(camera_path=[], keyframes=keyframes()),
        nerfstudio(camera_path=None, keyframes=[{"matrix": r, "fov": f} for r, f in zip(ROWS, FOVS, strict=True)]),
        nerfstudio(keyframes=[{"matrix": "never looked at"}]),
        nerfstudio(
            camera_path=[
                {"camera_to_world": p.tolist(), "fov": f} for p, f in zip(2.5 * POSES - 1.5 * POSES, FOVS, strict=True)
            ]
        ),
        nerfstudio(camera_path=[{"camera_to_world": r[:12], "fov": f} for r, f in zip(ROWS, FOVS, strict=True)]),
    ],
    ids=["path", "column text", "row keyframes", "path over keyframes", "nested", "3x4"],
)
def test_every_form_of_a_nerfstudio_path_is_the_same_path(tree: dict[str, Any]) -> None:
    actual = read_path(json.dumps(tree), 1.0)
    assert np.abs(actual.camera_to_world - POSES).max() < 1e-12
    assert actual.fov_y_deg.tolist() == FOVS
    assert not actual.is_cycle


def test_a_cycle_is_one() -> None:
    assert read_path(json.dumps(nerfstudio(is_cycle=True)), 1.0).is_cycle


@pytest.mark.parametrize(
    ("changes", "aspect", "fov"),
    [
        ({}, 1.0, 35.0),
        ({}, 2.0, math.degrees(2 * math.atan(math.tan(math.radians(17.5)) / 2))),
        ({"w": 800, "h": 800}, 2.0, 35.0),
        ({"w": 800, "h": 600, "fl_y": 300}, 1.0, 90.0),
        ({"w": 800, "h": 400, "fl_x": 400, "camera_angle_x": math.pi / 2}, 1.0, math.degrees(2 * math.atan(0.5))),
    ],
)
def test_a_horizontal_field_of_view_becomes_a_vertical_one(changes: dict[str, Any], aspect: float, fov: float) -> None:
    actual = read_path(json.dumps(transforms(**changes)), aspect)
    assert np.abs(actual.camera_to_world - POSES).max() < 1e-12
    assert actual.fov_y_deg.tolist() == pytest.approx([fov] * 3)


def test_a_focal_length_without_an_angle_is_enough() -> None:
    tree = transforms(fl_x=400, w=800)
    del tree["camera_angle_x"]
    assert read_path(json.dumps(tree), 2.0).fov_y_deg.tolist() == pytest.approx([2 * math.degrees(math.atan(0.5))] * 3)


def test_a_frames_own_focal_length_counts_over_the_one_at_the_top() -> None:
    tree = transforms(w=800, h=600, fl_y=300)
    tree["frames"][1]["fl_y"] = 600
    wide, near = (math.degrees(2 * math.atan(300 / focal)) for focal in (300, 600))
    assert read_path(json.dumps(tree), 1.0).fov_y_deg.tolist() == pytest.approx([wide, near, wide])


def test_a_world_whose_z_points_up_is_turned_into_ours() -> None:
    # In Blender a camera before a character stands at -Y, looks along +Y and has +Z up.
    blender = [[1, 0, 0, 0.5], [0, 0, -1, -2.6], [0, 1, 0, 0.25], [0, 0, 0, 1]]
    tree = transforms(frames=[{"transform_matrix": blender}])
    (pose,) = read_path(json.dumps(tree), 1.0, "z").camera_to_world
    assert np.abs(pose - [[1, 0, 0, 0.5], [0, 1, 0, 0.25], [0, 0, 1, 2.6], [0, 0, 0, 1]]).max() < 1e-15


def test_scale_and_a_little_skew_are_mended() -> None:
    rough = np.round(POSES * np.array([2.0, 2, 2, 1]), 4)
    path = [{"camera_to_world": pose.reshape(16).tolist(), "fov": 35} for pose in rough]
    actual = read_path(json.dumps(nerfstudio(camera_path=path)), 1.0).camera_to_world
    assert np.abs(actual - POSES).max() < 2e-4
    assert np.abs(actual[:, :3, :3] @ actual[:, :3, :3].transpose(0, 2, 1) - np.eye(3)).max() < 1e-14


def pose(**changes: Any) -> str:
    return json.dumps(nerfstudio(camera_path=[{"camera_to_world": ROWS[1], "fov": 35} | changes]))


MIRRORED = (POSES[1] * np.array([-1.0, 1, 1, 1])).reshape(16).tolist()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        (" " * (1 << 24) + "{}", "characters"),
        ("{}", "neither"),
        (json.dumps(nerfstudio(camera_path=[])), "`keyframes` holds no poses"),
        (json.dumps(transforms(frames=[])), "`frames` holds no poses"),
        (json.dumps(transforms(frames={})), "`frames` holds no poses"),
        (json.dumps(transforms(frames=[3])), "`frames[0]` is not an object"),
        (json.dumps(transforms(camera_angle_x=0)), "`camera_angle_x` is 0"),
        (json.dumps(transforms(camera_angle_x=math.pi)), "`camera_angle_x` is 3.14159"),
        (json.dumps(transforms(camera_angle_x="1")), "`camera_angle_x` is not a number"),
        (json.dumps({"frames": transforms()["frames"]}), "gives no field of view"),
        (json.dumps(transforms(w=0, h=0)), "0 x 0 pixels"),
        (pose(fov=0), "`camera_path[0].fov` is a vertical field of view of 0 degrees"),
        (pose(fov=180), "180 degrees"),
        (pose(fov=None), "`camera_path[0].fov` is missing"),
        (pose(fov=float("nan")), "NaN"),
        (pose(fov=float("inf")), "Infinity"),
        (pose(fov=10**400), "not a finite number"),
        (pose(fov=True), "not a number"),
        (pose(camera_to_world=None), "not a matrix of 4 x 4"),
        (pose(camera_to_world=ROWS[1][:15]), "not a matrix of 4 x 4"),
        (pose(camera_to_world=["x"] * 16), "not a number"),
        (pose(camera_to_world="[1, 2"), "not of a list"),
        (pose(camera_to_world="[NaN]"), "not of a list"),
        (pose(camera_to_world=POSES[1].T.reshape(16).tolist()), "not a camera-to-world matrix"),
        (pose(camera_to_world=[0.0] * 15 + [1]), "is not a rotation"),
        (pose(camera_to_world=MIRRORED), "is not a rotation"),
        (pose(camera_to_world=[1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), "is not a rotation"),
        (pose(camera_to_world=[1, 0, 0, 1e9, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), "1000 metres"),
    ],
)
def test_what_is_no_path_is_refused_with_its_place_in_the_file(text: str, word: str) -> None:
    with pytest.raises(BadTrack) as caught:
        read_path(text, 1.0)
    (flaw,) = caught.value.flaws
    assert word in flaw.sentence
    assert (flaw.path, flaw.kind) == (("file",), "file")


def test_a_matrix_written_column_by_column_is_recognised_in_the_hint() -> None:
    with pytest.raises(BadTrack) as caught:
        read_path(pose(camera_to_world=POSES[1].T.reshape(16).tolist()), 1.0)
    assert "column by column" in caught.value.flaws[0].hint


NUMBERS = st.one_of(st.floats(-2, 2), st.integers(), st.none(), st.booleans(), st.text(max_size=3))
MATRICES = st.one_of(NUMBERS, st.lists(NUMBERS, min_size=12, max_size=16), st.sampled_from(ROWS), st.just("[1]"))
ENTRIES = st.fixed_dictionaries({}, optional=dict.fromkeys(("camera_to_world", "matrix", "transform_matrix"), MATRICES))
NAMED = dict.fromkeys(("fov", "camera_angle_x", "w", "h", "fl_x", "fl_y", "is_cycle"), NUMBERS)
LISTS = dict.fromkeys(
    ("camera_path", "keyframes", "frames"),
    st.one_of(
        NUMBERS,
        st.lists(
            st.one_of(
                NUMBERS,
                ENTRIES.flatmap(lambda e: st.fixed_dictionaries({}, optional=NAMED).map(lambda named: e | named)),
            ),
            max_size=3,
        ),
    ),
)


@given(st.one_of(NUMBERS, st.fixed_dictionaries({}, optional=NAMED | LISTS)), st.floats(0.1, 10))
def test_whatever_a_file_holds_it_is_a_path_or_refused(tree: object, aspect: float) -> None:
    try:
        actual = read_path(json.dumps(tree), aspect)
    except BadTrack:
        return
    assert np.isfinite(actual.camera_to_world).all()
    assert ((actual.fov_y_deg >= 1) & (actual.fov_y_deg <= 179)).all()


@pytest.mark.parametrize(
    "kind", ["equirectangular", "fisheye", "vr180", "omnidirectional", "orthophoto", "EQUIRECTANGULAR"]
)
@pytest.mark.parametrize("where", ["camera_type", "camera_path", "keyframes"])
def test_a_camera_that_is_not_perspective_is_refused_with_its_place(kind: str, where: str) -> None:
    tree = nerfstudio() if where == "camera_path" else nerfstudio(camera_path=[], keyframes=keyframes())
    if where == "camera_type":
        tree["camera_type"] = kind
    else:
        tree[where][1]["camera_type"] = kind
    place = "camera_type" if where == "camera_type" else f"{where}[1].camera_type"
    with pytest.raises(BadTrack) as caught:
        read_path(json.dumps(tree), 1.0)
    assert caught.value.flaws[0].sentence == f"`{place}` is {kind!r}"


@pytest.mark.parametrize(
    "model", ["OPENCV_FISHEYE", "EQUIRECTANGULAR", "SIMPLE_RADIAL_FISHEYE", "THIN_PRISM_FISHEYE", "FOV"]
)
def test_a_model_of_a_lens_that_is_not_perspective_is_refused(model: str) -> None:
    for tree in (transforms(camera_model=model), transforms()):
        if "camera_model" not in tree:
            tree["frames"][2]["camera_model"] = model
        with pytest.raises(BadTrack, match="camera_model"):
            read_path(json.dumps(tree), 1.0)


def test_instant_ngps_fisheye_is_refused() -> None:
    with pytest.raises(BadTrack, match="is_fisheye"):
        read_path(json.dumps(transforms(is_fisheye=True)), 1.0)


@pytest.mark.parametrize(
    "given", [{"camera_model": "OPENCV"}, {"camera_model": "PINHOLE"}, {"is_fisheye": False}, {"k1": 0.1}]
)
def test_perspective_cameras_by_any_name_are_read(given: dict[str, Any]) -> None:
    assert np.abs(read_path(json.dumps(transforms(**given)), 1.0).camera_to_world - POSES).max() < 1e-12


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"k1": -0.08}, "frames[0] has lens distortion: `k1` is -0.08"),
        ({"p2": 0.01, "k1": 0.0}, "frames[0] has lens distortion: `p2` is 0.01"),
        ({"cx": 300, "w": 800}, "frames[0] has an off-centre principal point: `cx` is 300 of 800"),
        ({"k1": 1e-4, "cx": 401, "w": 800, "cy": 300, "h": 600}, None),
        ({}, None),
    ],
)
def test_what_bends_the_pictures_of_a_list_is_named(given: dict[str, Any], sentence: str | None) -> None:
    assert bent_by(json.dumps(transforms(**given))) == sentence
