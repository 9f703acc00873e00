"""Stands in for LatentSync's image processor: a face is cut out by three points, as wide as its own."""

from typing import Any

import cv2
import numpy as np
from latentsync.utils.face_detector import FaceDetector  # type: ignore[import-not-found]

WIDTH, HEIGHT = 60, 80  # Of the aligned face, before it is made square.
TEMPLATE = np.array([[18.0, 20.0], [42.0, 20.0], [30.0, 36.0]], np.float32)


class ImageProcessor:
    def __init__(self, resolution: int, device: str, mask_image: Any) -> None:
        assert device == "cuda"
        self.resolution, self.mask_image = resolution, mask_image
        self.face_detector = FaceDetector(device=device)

    def affine_transform(self, image: Any) -> Any:
        box, points = self.face_detector(image)
        if box is None:
            raise RuntimeError("Face not detected")
        left = np.mean(points[[43, 48, 49, 51, 50]], axis=0)
        right = np.mean(points[101:106], axis=0)
        nose = np.mean(points[[74, 77, 83, 86]], axis=0)
        matrix = cv2.getAffineTransform(np.array([left, right, nose], np.float32), TEMPLATE)
        face = cv2.warpAffine(image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderValue=(127, 127, 127))
        return cv2.resize(face, (self.resolution, self.resolution)), [0, 0, WIDTH, HEIGHT], matrix
