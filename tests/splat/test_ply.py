import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.splat.ply import read_ply, write_ply, write_splat
from tests.splat.scenes import random_scene, same

SHARP = ["x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2"]
SHARP += [f"rot_{i}" for i in range(4)]


def sharp(count: int = 4, order: str = "<", **values: float) -> bytes:
    """A file as Apple SHARP writes it: fourteen properties, then what it knows of the camera."""
    table = np.zeros(count, [(name, f"{order}f4") for name in SHARP])
    for column, name in enumerate(SHARP):
        table[name] = values.get(name, column)
    extra = {"extrinsic": "float 16", "intrinsic": "float 9", "image_size": "uint 2", "frame": "int 2"}
    extra |= {"disparity": "float 2", "color_space": "uchar 1", "version": "uchar 3"}
    name = {"<": "binary_little_endian", ">": "binary_big_endian"}[order]
    lines = ["ply", f"format {name} 1.0", f"element vertex {count}", *(f"property float {p}" for p in SHARP)]
    rest = b""
    for element, kind in extra.items():
        type_name, rows = kind.split()
        lines += [f"element {element} {rows}", f"property {type_name} {element}"]
        rest += bytes(int(rows) * (1 if type_name == "uchar" else 4))
    return "\n".join([*lines, "end_header\n"]).encode() + table.tobytes() + rest


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_a_scene_comes_back_as_it_was(degree: int) -> None:
    scene = random_scene(11, degree=degree)
    content = write_ply(scene)
    assert same(scene, read_ply(content).scene)
    assert write_ply(read_ply(content).scene) == content


def test_the_reference_layout_is_62_floats_with_the_channels_one_after_another() -> None:
    scene = random_scene(1)
    content = write_ply(scene)
    start = content.index(b"end_header\n") + len(b"end_header\n")
    row = np.frombuffer(content[start:], "<f4")
    assert len(row) == 62
    assert row[3:6].tolist() == [0, 0, 0]
    assert row[6:9].tolist() == scene.harmonics[0, 0].tolist()
    assert row[9:24].tolist() == scene.harmonics[0, 1:, 0].tolist()
    assert row[54] == scene.opacity_logits[0]


@pytest.mark.parametrize("order", ["<", ">"])
def test_sharps_fourteen_properties_are_read_and_its_camera_is_skipped(order: str) -> None:
    loaded = read_ply(sharp(order=order, opacity=np.inf))
    assert loaded.scene.count == 4
    assert loaded.scene.degree == 0
    assert loaded.scene.quaternions[0].tolist() == [10, 11, 12, 13]
    assert loaded.scene.opacity_logits.tolist() == [16] * 4
    ((code, sentence),) = loaded.notes
    assert (code, sentence[:10]) == ("opacity-clamped", "4 infinite")


def test_ascii_and_other_types_and_orders_of_properties_are_read() -> None:
    names = ["opacity", *[name for name in SHARP if name != "opacity"], "quality"]
    head = ["ply", "format ascii 1.0", "comment of no use", "element vertex 2"]
    head += [f"property {'double' if name == 'x' else 'float'} {name}" for name in names]
    rows = [" ".join(str(SHARP.index(name) if name in SHARP else 9) for name in names)] * 2
    scene = read_ply("\n".join([*head, "end_header", *rows, ""]).encode()).scene
    assert same(scene, read_ply(sharp(2)).scene)


@pytest.mark.parametrize("order", ["ascii", "<", ">"])
def test_tables_before_the_vertices_are_passed_over(order: str) -> None:
    """The first element has three rows of two properties: neither number is the distance to the vertices."""
    names = {"ascii": "ascii", "<": "binary_little_endian", ">": "binary_big_endian"}
    first = ["element camera 3", "property float focal", "property float shift"]
    head = ["ply", f"format {names[order]} 1.0", *first, "element vertex 2", *(f"property float {p}" for p in SHARP)]
    numbers = [-1.0] * 6 + [float(column) for _ in range(2) for column in range(len(SHARP))]
    body = " ".join(map(str, numbers)).encode() if order == "ascii" else np.array(numbers, f"{order}f4").tobytes()
    assert same(read_ply("\n".join([*head, "end_header\n"]).encode() + body).scene, read_ply(sharp(2)).scene)


GOOD = sharp()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a .ply"),
        (b"\x89PNG\r\n\x1a\n", "not a .ply"),
        (b"ply\n" + bytes(100), "not a .ply"),
        (GOOD[:-1], "cut short"),
        (GOOD + b"x", "longer"),
        (GOOD.replace(b"vertex 4", b"vertex 5"), "cut short"),
        (GOOD.replace(b"vertex 4", b"vertex 3"), "longer"),
        (GOOD.replace(b"vertex 4", b"vertex 99999999999"), "out of bounds"),
        (GOOD.replace(b"vertex 4", b"vertex -4"), "not understood"),
        (GOOD.replace(b"vertex 4", b"points 4"), "no element `vertex`"),
        (GOOD.replace(b"property float x", b"property list uchar int x"), "not understood"),
        (GOOD.replace(b"property float x", b"property float y"), "repeats"),
        (GOOD.replace(b"opacity", b"opaqueness"), "lacks properties"),
        (GOOD.replace(b"little_endian", b"middle_endian"), "no known format"),
        (sharp(0), "no Gaussians"),
        (sharp(opacity=-np.inf), "not finite"),
        (sharp(x=np.nan), "not finite"),
        (GOOD.replace(b"property float x", b"property float packed_position"), "compressed"),
        (GOOD.replace(b"property float rot_3", b"property float rot_3\nproperty float f_rest_0"), "short"),
    ],
)
def test_a_file_that_is_no_such_scene_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(BackendError, match=sentence):
        read_ply(content)


def test_splat_files_have_32_bytes_a_gaussian_the_biggest_first() -> None:
    scene = random_scene(9)
    rows = np.frombuffer(write_splat(scene), np.dtype([("place", "<f4", 6), ("colour", "u1", 4), ("turn", "u1", 4)]))
    assert len(rows) == 9
    opacities = 1 / (1 + np.exp(-scene.opacity_logits))
    biggest = int(np.argmax(np.exp(scene.log_scales.sum(axis=1)) * opacities))
    assert rows[0]["place"][:3].tolist() == scene.means[biggest].tolist()
    assert np.allclose(rows[0]["place"][3:], np.exp(scene.log_scales[biggest]))
    assert abs(rows[0]["colour"][3] / 255 - opacities[biggest]) < 0.003
    unit = scene.quaternions[biggest] / np.linalg.norm(scene.quaternions[biggest])
    assert np.abs(rows[0]["turn"] - (unit * 128 + 128)).max() <= 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x", np.nan),
        ("f_dc_1", np.inf),
        ("opacity", -np.inf),
        ("scale_0", np.inf),
        ("scale_2", 80.0),
        ("rot_0", np.nan),
    ],
)
def test_gaussians_that_no_viewer_draws_are_left_out_and_told(name: str, value: float) -> None:
    content = sharp(5)
    start = content.index(b"end_header\n") + len(b"end_header\n")
    table = np.frombuffer(content, [(each, "<f4") for each in SHARP], 5, start).copy()
    table[name][2] = value
    loaded = read_ply(content[:start] + table.tobytes() + content[start + table.nbytes :])
    assert same(loaded.scene, read_ply(sharp(4)).scene)
    ((code, sentence),) = loaded.notes
    assert (code, sentence[:31]) == ("gaussians-left-out", "1 of 5 Gaussians are left out, ")


def test_a_gaussian_without_a_turn_is_left_out() -> None:
    content = write_ply(random_scene(4))
    table = np.frombuffer(content[-4 * 62 * 4 :], "<f4").reshape(4, 62).copy()
    table[1, 58:] = 0
    assert read_ply(content[: -table.nbytes] + table.tobytes()).scene.count == 3


def vertices(names: dict[str, str], rows: list[tuple[float, ...]], more: str = "", kind: str = "") -> bytes:
    """A little-endian file of one table; kind: comments or other lines of its header."""
    types = {"float": "f4", "uchar": "u1", "double": "f8"}
    table = np.array(rows, [(name, "<" + types[each]) for name, each in names.items()])
    lines = ["ply", "format binary_little_endian 1.0", *([kind] if kind else []), f"element vertex {len(rows)}"]
    lines += [f"property {each} {name}" for name, each in names.items()]
    return ("\n".join([*lines, *([more] if more else []), "end_header"]) + "\n").encode() + table.tobytes()


def test_colours_may_be_bytes() -> None:
    """As viewers take them where there are no harmonics."""
    names = dict.fromkeys([name for name in SHARP if not name.startswith("f_dc")], "float")
    names |= dict.fromkeys(["red", "green", "blue"], "uchar")
    scene = read_ply(vertices(names, [(*range(11), 255, 0, 51)])).scene
    assert np.abs(scene.harmonics[0, 0] * 0.28209479 + 0.5 - [1, 0, 0.2]).max() < 1e-6


def test_gaussians_of_two_scales_are_flat() -> None:
    names = dict.fromkeys([name for name in SHARP if name != "scale_2"], "float")
    scene = read_ply(vertices(names, [tuple(range(13))])).scene
    assert scene.log_scales[0, 2] == np.float32(-13.8)


def test_a_table_of_no_faces_is_passed_over() -> None:
    """As mesh programs write it."""
    faces = "element face 0\nproperty list uchar int vertex_indices"
    names = dict.fromkeys(SHARP, "float")
    kind = "obj_info of a program\ncomment of another"
    assert read_ply(vertices(names, [tuple(range(14))], faces, kind)).scene.count == 1


def test_doubles_beyond_float32_are_left_out() -> None:
    names = dict.fromkeys(SHARP, "double")
    loaded = read_ply(vertices(names, [tuple(range(14)), (1e300, *range(1, 14))]))
    assert (loaded.scene.count, loaded.notes[0][0]) == (1, "gaussians-left-out")
