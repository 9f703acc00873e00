import mmap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.errors import BackendError
from episodec.splat.scene import Slices, columnar
from episodec.splat.scene_file import decode_scene, encode_scene
from tests.splat.scenes import random_scene, same


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("slices", [0, 2, 24])
def test_a_scene_comes_back_as_it_was(degree: int, slices: int) -> None:
    scene = random_scene(37, degree=degree, slices=slices)
    content = encode_scene(scene)
    back = decode_scene(content)
    assert same(scene, back)
    assert encode_scene(back) == content
    assert encode_scene(columnar(scene)) == content
    if scene.slices is None:
        assert back.slices is None
    else:
        assert back.slices is not None
        assert np.array_equal(back.slices.means, scene.slices.means)
        assert back.slices.quaternions is not None
        assert back.slices.log_scales is None


def test_what_slices_hold_is_told_apart() -> None:
    scene = random_scene(5)
    moving = Slices(np.stack([scene.means] * 2), None, np.stack([scene.log_scales] * 2))
    content = encode_scene(replace(scene, slices=moving))
    back = decode_scene(content).slices
    assert back is not None
    assert back.quaternions is None
    assert back.log_scales is not None
    assert np.array_equal(back.log_scales[1], scene.log_scales)


@pytest.mark.parametrize("closes", [False, True])
def test_whether_slices_close_is_kept(*, closes: bool) -> None:
    scene = random_scene(5)
    back = decode_scene(encode_scene(replace(scene, slices=Slices(np.stack([scene.means] * 3), closes=closes)))).slices
    assert back is not None
    assert back.closes is closes


def test_a_mapped_file_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "a.scene"
    path.write_bytes(encode_scene(random_scene(37)))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        view = memoryview(content)
        scene = decode_scene(view)
        assert not scene.means.flags.owndata
        assert not scene.means.flags.writeable
        del scene
        view.release()


@given(st.data())
def test_a_damaged_file_is_refused_or_read_whole(data: st.DataObject) -> None:
    content = bytearray(encode_scene(random_scene(5, degree=0, slices=2)))
    match data.draw(st.sampled_from(["cut", "grown", "changed"])):
        case "cut":
            content = content[: data.draw(st.integers(0, len(content) - 1))]
        case "grown":
            content += bytes(data.draw(st.integers(1, 99)))
        case _:
            content[data.draw(st.integers(0, 31))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BackendError):
        decode_scene(bytes(content))


def test_a_header_that_claims_more_than_the_file_holds_is_refused_before_anything_is_made() -> None:
    content = bytearray(encode_scene(random_scene(5)))
    content[16:24] = (19_999_999).to_bytes(8, "little")
    with pytest.raises(BackendError, match="cut short"):
        decode_scene(bytes(content))
    content[16:24] = (1 << 60).to_bytes(8, "little")
    with pytest.raises(BackendError, match="out of bounds"):
        decode_scene(bytes(content))
