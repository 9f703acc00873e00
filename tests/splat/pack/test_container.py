"""A pack holds arrays as they are, is the same every time, and refuses what is damaged; JavaScript reads the same."""

import json
import shutil
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest

from episodec.errors import BackendError
from episodec.page.viewer import page
from episodec.splat.pack.container import MAGIC, VERSION, PackedArray, decode_pack, encode_pack

READER = Path(page.__file__).with_name("reader.js")
RNG = np.random.default_rng(1)
ARRAYS = {
    "places": PackedArray(RNG.integers(0, 1 << 16, (4, 3, 7)).astype("<u2"), "steps"),
    "turns": PackedArray(RNG.integers(0, 256, (4, 4, 7)).astype("u1"), "steps"),
    "rows": PackedArray(RNG.integers(0, 1 << 32, 9).astype("<u4"), "along"),
    "moves": PackedArray(RNG.integers(-(1 << 15), 1 << 15, (3, 5)).astype("<i2")),
    "weights": PackedArray(RNG.integers(0, 256, (5, 6)).astype("u1"), "along"),
    "cameras": PackedArray(RNG.normal(0, 1, (12, 3)).astype("<f4")),
    "none": PackedArray(np.zeros((3, 0), "<f4")),
}
HEAD = {"film": {"captions": [[0, 1, "Да </script> ☃"]]}}


def test_arrays_come_back_as_they_were() -> None:
    head, arrays = decode_pack(encode_pack(HEAD, ARRAYS))
    assert head == HEAD
    assert list(arrays) == list(ARRAYS)
    for name, each in ARRAYS.items():
        assert arrays[name].dtype == each.values.dtype
        np.testing.assert_array_equal(arrays[name], each.values, err_msg=name)


def test_the_same_arrays_are_the_same_bytes() -> None:
    packed = encode_pack(HEAD, ARRAYS)
    assert packed == encode_pack(HEAD, ARRAYS)
    assert packed[4:8] == bytes(4), "gzip's header holds no time"


def test_small_steps_of_either_sign_have_no_high_bytes() -> None:
    drifting = (np.cumsum(np.tile([1, -2, 1, 0], 100)) + 30_000).astype("<u2").reshape(400, 1, 1)
    plain = zlib.decompress(encode_pack({}, {"x": PackedArray(drifting, "steps")}), 31)
    assert not any(plain[-798:][1::2])


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"PK",
        encode_pack(HEAD, ARRAYS)[:-9],
        zlib.compress(MAGIC + b"\2\0\0\0\0\0\0\0", wbits=31),
        zlib.compress(zlib.decompress(encode_pack(HEAD, ARRAYS), 31) + b"x", wbits=31),
        zlib.compress(zlib.decompress(encode_pack(HEAD, ARRAYS), 31)[:-1], wbits=31),
    ],
)
def test_a_damaged_pack_is_refused(damaged: bytes) -> None:
    with pytest.raises(BackendError, match="damaged"):
        decode_pack(damaged)


READS = """
const fs = require("fs");
const readPack = new Function(fs.readFileSync(process.argv[1], "utf8") + "; return readPack;")();
(async () => {
  for (const name of process.argv.slice(2)) {
    try {
      const { head, arrays, shapes } = await readPack(fs.readFileSync(name));
      const plain = Object.fromEntries(Object.entries(arrays).map(([key, array]) => [key, Array.from(array)]));
      console.log(JSON.stringify({ head, arrays: plain, shapes }));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error.message) }));
    }
  }
})();
"""


def test_sixty_lines_of_javascript_read_it(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js is installed; the page's tests run the same reader in Chromium")
    packed = encode_pack(HEAD, ARRAYS)
    plain = zlib.decompress(packed, 31)
    cases = {"good": packed, "long": zlib.compress(plain + b"x", wbits=31), "cut": zlib.compress(plain[:-80], wbits=31)}
    cases["version"] = zlib.compress(MAGIC + (VERSION + 1).to_bytes(4, "little") + bytes(4), wbits=31)
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
    command = [node, "-e", READS, str(READER), *(str(tmp_path / name) for name in cases)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    good, *refused = map(json.loads, lines)
    assert good["head"] == HEAD
    for name, each in ARRAYS.items():
        assert good["shapes"][name] == list(each.values.shape)
        assert np.array_equal(np.array(good["arrays"][name]), each.values.ravel().astype(float)), name
    assert [one["error"] for one in refused] == [
        "something follows the pack",
        "the pack is cut off in cameras",
        "a pack of version 2; this reader knows version 1",
    ]
    assert len(READER.read_text(encoding="utf-8").splitlines()) <= 60


def test_the_documentation_shows_this_reader() -> None:
    document = Path(__file__).parents[3] / "docs" / "viewer-pack.md"
    assert f"```js\n{READER.read_text(encoding='utf-8')}```" in document.read_text(encoding="utf-8")
