"""The file of a rig."""

import pytest

from episodec.errors import BackendError
from episodec.splat.rig.model import Rig, empty_rig
from episodec.splat.rig.rig_file import decode_rig, encode_rig
from tests.splat.rig.rigs import little_rig


@pytest.mark.parametrize("rig", [little_rig(), little_rig(5), empty_rig()])
def test_a_rig_comes_back_with_the_same_bytes(rig: Rig) -> None:
    content = encode_rig(rig)
    decoded = decode_rig(content)
    assert encode_rig(decoded) == content
    assert decoded.is_empty == rig.is_empty
    assert decoded.neck == rig.neck
    assert decoded.mesh.names == rig.mesh.names


def test_other_bytes_are_refused() -> None:
    content = encode_rig(little_rig())
    for damaged in (b"", b"EPSCENE\0", content[:-3], content + b"x", content.replace(b'"<u4"', b'"<u2"', 1)):
        with pytest.raises(BackendError):
            decode_rig(damaged)


def test_indices_out_of_bounds_are_refused() -> None:
    rig = little_rig()
    rig.body.triangle[0] = 1
    with pytest.raises(BackendError, match="damaged"):
        decode_rig(encode_rig(rig))
