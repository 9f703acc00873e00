"""Landmarks of the faces in pictures, as a program: a line of JSON and raw pixels on stdin, a line of JSON on stdout.

Run by its path in a separate interpreter, never imported: OpenCV chooses its instruction set at process start, from the
environment. The order: `path` (module search path), `net` (a file), `sizes` (height and width of each picture), then
each picture's (h, w, 3) bytes, RGB. The answer: for each picture null, or `score` and `points`, 468 pairs of whole
sixteenths of a pixel.

A Haar cascade proposes faces. The network, which sees 192 x 192 upright pixels around a face, is applied to where it
last found the face until that converges; the result is the mean of five crops around it.
"""

import json
import math
import sys
from typing import Any

SIDE = 192  # Pixels: the network's input.
MARGIN = 1.5  # The side of the square, in extents of the points.
STEPS = 16  # Per pixel.
LEAST_SCORE = 8.0
LOOKED_AT = 512  # Pixels: the height at which faces are detected.
ROUNDS = 12
STEADY = 0.004  # A shift or growth, in sides of the square, that the network's 192 pixels do not resolve.
AROUND = ((0.0, 0.0, 1.0), (0.02, 0.0, 0.97), (-0.02, 0.0, 1.03), (0.0, 0.02, 1.03), (0.0, -0.02, 0.97))
"""The five crops: shifts across and down in parts of the side, and their size."""

Square = tuple[float, float, float, float]
"""Middle, side, roll in radians."""


def main() -> None:
    """Answer the order on stdin."""
    order = json.loads(sys.stdin.buffer.readline())
    sys.path[:0] = order["path"]
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    net = cv2.dnn.readNetFromTFLite(order["net"])
    answer = []
    for height, width in order["sizes"]:
        content = sys.stdin.buffer.read(height * width * 3)
        answer.append(face_in(net, np.frombuffer(content, np.uint8).reshape(height, width, 3)))
    sys.stdout.write(json.dumps(answer) + "\n")


def face_in(net: Any, picture: Any) -> dict[str, Any] | None:
    """The most certain face of an (h, w, 3) picture."""
    import numpy as np

    for square in faces_maybe(picture):
        tracked = followed(net, picture, square)
        if tracked is None:
            continue
        looks = [look(net, picture, around(tracked, *each)) for each in AROUND]
        points = sum(each for each, _ in looks) / len(looks)
        score = sum(each for _, each in looks) / len(looks)
        if score >= LEAST_SCORE:
            return {"score": round(score, 3), "points": np.rint(points * STEPS).astype(int).tolist()}
    return None


def faces_maybe(picture: Any) -> list[Square]:
    """Candidate faces, the most certain first: those with two eyes before those without."""
    import cv2
    import cv2.data
    import numpy as np

    height, width = picture.shape[:2]
    scale = LOOKED_AT / height
    size = (max(1, round(width * scale)), LOOKED_AT)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    grey = cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_RGB2GRAY)
    folder = cv2.data.haarcascades
    face, eye = (cv2.CascadeClassifier(f"{folder}haarcascade_{name}.xml") for name in ("frontalface_default", "eye"))
    boxes, _, weights = face.detectMultiScale3(grey, 1.05, 5, minSize=(48, 48), outputRejectLevels=True)
    order = []
    for (x, y, w, h), weight in zip(boxes, weights, strict=True):
        upper = grey[y : y + h * 6 // 10, x : x + w]
        has_eyes = len(eye.detectMultiScale(upper, 1.05, 5, minSize=(w // 8, w // 8))) == 2
        order.append((not has_eyes, -float(weight), (x + w / 2) / scale, (y + h / 2) / scale, MARGIN * w / scale))
    return [(x, y, side, 0.0) for _, _, x, y, side in sorted(order)]


def followed(net: Any, picture: Any, start: Square) -> Square | None:
    """The square around a face on which the network converges, started from a square; None if it drifts away."""
    now, score = start, -math.inf
    for _ in range(ROUNDS):
        points, score = look(net, picture, now)
        after = square_of(points)
        moved = math.hypot(after[0] - now[0], after[1] - now[1]) / now[2] + abs(math.log(after[2] / now[2]))
        now = after
        if moved < STEADY:
            break
    away = math.hypot(now[0] - start[0], now[1] - start[1]) / start[2]
    is_there = score >= LEAST_SCORE and away < 0.3 and 0.5 < now[2] / start[2] < 2.0
    return now if is_there else None


def look(net: Any, picture: Any, square: Square) -> tuple[Any, float]:
    """(468, 2) float64, pixels of the picture, and the score of the network's view of a square."""
    import cv2
    import numpy as np

    x, y, side, roll = square
    # A large picture is averaged down first: sampling every second pixel would alias.
    shrink = max(1, int(side / SIDE))
    height, width = picture.shape[0] // shrink, picture.shape[1] // shrink
    whole = np.ascontiguousarray(picture[: height * shrink, : width * shrink])
    small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA) if shrink > 1 else whole
    cos, sin = math.cos(roll) * SIDE / side, math.sin(roll) * SIDE / side
    # To warpAffine, integers are the centres of pixels; here, their corners.
    across, down = x - shrink / 2, y - shrink / 2
    middle = (SIDE - 1) / 2
    there = [
        [cos * shrink, sin * shrink, middle - cos * across - sin * down],
        [-sin * shrink, cos * shrink, middle + sin * across - cos * down],
    ]
    crop = cv2.warpAffine(small, np.array(there), (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    net.setInput((crop.astype(np.float32) / np.float32(255)).transpose(2, 0, 1)[None])
    outputs = net.forward(net.getUnconnectedOutLayersNames())
    mesh = next(each for each in outputs if each.size == 1404).reshape(468, 3)[:, :2].astype(np.float64) - SIDE / 2
    back = (side / SIDE) ** 2
    points = np.stack(
        [(cos * mesh[:, 0] - sin * mesh[:, 1]) * back + x, (sin * mesh[:, 0] + cos * mesh[:, 1]) * back + y], 1
    )
    return points, float(next(each for each in outputs if each.size == 1).ravel()[0])


def square_of(points: Any) -> Square:
    """The upright square around points, rounded so that the last bits do not matter."""
    import numpy as np

    across = points[263] - points[33]
    roll = round(math.atan2(across[1], across[0]) * 256) / 256
    cos, sin = math.cos(roll), math.sin(roll)
    turned = np.stack([cos * points[:, 0] + sin * points[:, 1], cos * points[:, 1] - sin * points[:, 0]], 1)
    least, most = turned.min(axis=0), turned.max(axis=0)
    (u, v), (wide, high) = (least + most) / 2, most - least
    square = (cos * u - sin * v, sin * u + cos * v, MARGIN * max(wide, high, 1.0))
    x, y, side = (round(float(each) * STEPS) / STEPS for each in square)
    return x, y, side, roll


def around(square: Square, across: float, down: float, size: float) -> Square:
    """The square shifted by parts of its side and scaled."""
    x, y, side, roll = square
    return x + across * side, y + down * side, size * side, roll


if __name__ == "__main__":
    main()
