"""Stands in for LatentSync's face detector, which nobody may construct: its models must not be loaded."""

import insightface.app  # type: ignore[import-not-found]  # noqa: F401  # As the real one: it has to be importable.


class FaceDetector:
    def __init__(self, device: str) -> None:
        raise AssertionError("insightface's models were loaded")
