"""Landmarks of the face in a film, as a program: a line of JSON and raw frames on stdin, a line of JSON on stdout.

Run by its path in a separate interpreter, never imported, like `landmark_driver`, whose functions it uses. The order:
`path` (module search path), `net` (a file), `size` (height and width), `points` (landmark indices); then each frame's
(h, w, 3) bytes, RGB, to the end of stdin. The answer: for each frame null, or pairs of whole sixteenths of a pixel.

A face is detected once, and then tracked from frame to frame; after it is lost, detection is repeated periodically.
"""

import json
import sys
from typing import Any

LOOK_AGAIN = 30  # Frames between attempts to detect a face: one costs as much as 40 frames of tracking.


def main() -> None:
    """Answer the order on stdin."""
    order = json.loads(sys.stdin.buffer.readline())
    sys.path[:0] = order["path"]
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    net = cv2.dnn.readNetFromTFLite(order["net"])
    height, width = order["size"]
    answer, square, since = [], None, LOOK_AGAIN
    while len(content := sys.stdin.buffer.read(height * width * 3)) == height * width * 3:
        picture = np.frombuffer(content, np.uint8).reshape(height, width, 3)
        if square is None and since >= LOOK_AGAIN:
            square, since = first_square(net, picture), 0
        points, square = next_of(net, picture, square)
        since += 1
        answer.append(None if points is None else points[order["points"]].tolist())
    sys.stdout.write(json.dumps(answer) + "\n")


def first_square(net: Any, picture: Any) -> Any:
    """The square around the most certain face of a picture; None without a face."""
    from episodec.faces.landmark_driver import faces_maybe, followed

    return next((square for each in faces_maybe(picture) if (square := followed(net, picture, each)) is not None), None)


def next_of(net: Any, picture: Any, square: Any) -> tuple[Any, Any]:
    """The landmarks of a tracked face, (468, 2) whole sixteenths of a pixel, and the square that it is now in.

    square: where it was in the frame before. Both are None once it is lost.
    """
    import numpy as np

    from episodec.faces.landmark_driver import LEAST_SCORE, STEPS, look, square_of

    if square is None:
        return None, None
    points, score = look(net, picture, square)
    if score < LEAST_SCORE:
        return None, None
    return np.rint(points * STEPS).astype(int), square_of(points)


if __name__ == "__main__":
    main()
