"""Backend `rasterise`: what its fingerprint says is what the rasteriser is."""

from episodec.backends.rasterise import RASTERISER
from episodec.splat import rasterise


def test_the_fingerprint_tells_the_version_of_the_rasteriser() -> None:
    assert rasterise.VERSION == RASTERISER
