"""Formats of pictures and videos."""

from fractions import Fraction
from pathlib import Path

from episodec.contracts.contract import CheckedFormat, Format
from episodec.contracts.sound_files import check_track
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError


def read_png(path: Path, _order: WorkOrder) -> None:
    """Check a PNG of any size."""
    _size_of(path, "PNG")


def read_jpeg(path: Path, _order: WorkOrder) -> None:
    """Check a JPEG of any size."""
    _size_of(path, "JPEG")


def read_animation(path: Path, _order: WorkOrder) -> None:
    """Check a WebP; it has one picture if all would be the same."""
    _size_of(path, "WEBP")


def read_shot(path: Path, order: WorkOrder) -> None:
    """Check a PNG in the size of the order's cameras."""
    from episodec.film.rows import unpack

    _check_size(_size_of(path, "PNG"), unpack(order.input("cameras.rows").read_bytes()).size)


def read_refined(path: Path, order: WorkOrder) -> None:
    """Check a PNG in the size of the frames that are refined."""
    _check_size(_size_of(path, "PNG"), _size_of(order.inputs["frame.png"][0], "PNG"))


def read_rendered(path: Path, order: WorkOrder) -> None:
    """Check a chunk in the size of its rows."""
    from episodec.film.rows import unpack

    _check_chunk(path, order, unpack(order.input("frames.rows").read_bytes()).size)


def read_lossless(path: Path, order: WorkOrder) -> None:
    """Check the number and size of a chunk's frames; the header does not show whether they are lossless."""
    from episodec.film.rows import unpack
    from episodec.video.probe import probe

    video, frames = probe(path), order.whole("frames")
    if "chunk_frames" in order.params:  # One of several chunks; the last may be shorter.
        place, most = list(order.outputs.values()).index(path), order.whole("chunk_frames")
        frames = min(most, frames - place * most)
    if video.frames != frames:
        facts = {"found": video.frames, "wanted": frames}
        raise BackendError("the chunk has the wrong number of frames", facts=facts)
    if "size" in order.params:
        width, height = (int(str(side)) for side in _pair(order.params["size"]))
        _check_size((video.width, video.height), (width, height))
    else:
        _check_size((video.width, video.height), unpack(order.input("frames.rows").read_bytes()).size)


def read_frame(path: Path, order: WorkOrder) -> None:
    """Check a PNG in the order's `size` or in the size of its row."""
    from episodec.film.rows import unpack

    if "size" in order.params:
        width, height = (int(str(side)) for side in _pair(order.params["size"]))
        _check_size(_size_of(path, "PNG"), (width, height))
    else:
        _check_size(_size_of(path, "PNG"), unpack(order.input("frames.rows").read_bytes()).size)


def read_encoded(path: Path, order: WorkOrder) -> None:
    """Check a chunk in the order's `size`."""
    width, height = (int(str(side)) for side in _pair(order.params["size"]))
    _check_chunk(path, order, (width, height))


def read_picture(path: Path, order: WorkOrder) -> None:
    """Check H.264 without sound and with all frames of the episode."""
    _check_video(path, order, codec="h264")


def read_ready_video(path: Path, order: WorkOrder) -> None:
    """Check for all frames of the episode, in the order's `size`."""
    video = _check_video(path, order, start_s=None)
    size = order.params["size"]
    if size is not None:
        _check_size(video, (int(str(_pair(size)[0])), int(str(_pair(size)[1]))))


def read_episode(path: Path, order: WorkOrder) -> None:
    """Check that all frames are there, and that the sound, if the order has any, has the same length."""
    _check_video(path, order)
    if "audio.m4a" in order.inputs:
        check_track(path, order)


def _check_chunk(path: Path, order: WorkOrder, size: tuple[int, int]) -> None:
    """Raises BackendError: this is not a chunk that can be joined to others."""
    _check_size(_check_video(path, order, codec="h264"), size)


def _check_video(path: Path, order: WorkOrder, codec: str | None = None, start_s: int | None = 0) -> tuple[int, int]:
    """The size in pixels of an MP4 that has the order's frames at its rate. Packets are counted, not decoded.

    `codec` and `start_s`: None to accept any.

    Raises:
        BackendError: this is not an MP4, or its frames differ in number, time or codec.
    """
    from episodec.video.probe import probe

    video, frames, rate = probe(path), order.whole("frames"), order.whole("rate")
    if "mp4" not in video.container.split(",") or codec not in (None, video.codec):
        facts = {"container": video.container, "coding": video.codec}
        raise BackendError(f"the video is not {'an' if codec is None else 'H.264 in'} MP4", facts=facts)
    # One frame alone has no rate of its own.
    is_even = frames == 1 or (video.is_constant and video.rate == Fraction(rate))
    is_on_time = is_even and start_s in (None, video.start_s)
    if video.frames != frames or not is_on_time:
        evenly = "evenly" if video.is_constant else "unevenly"
        facts = {
            "found": f"{video.frames} frames, {float(video.rate):g} a second, {evenly}, from {video.start_s} s",
            "wanted": f"{frames} frames, {rate} a second, evenly, from 0 s",
        }
        raise BackendError("the frames of the video are not as requested", facts=facts)
    return video.width, video.height


def _check_size(actual: tuple[int, int], expected: tuple[int, int]) -> None:
    if actual != expected:
        facts = {"pixels": f"{actual[0]}x{actual[1]}, not {expected[0]}x{expected[1]}"}
        raise BackendError("the picture has the wrong size", facts=facts)


def _size_of(path: Path, kind: str) -> tuple[int, int]:
    """Width and height in pixels. Decodes all of it, after verifying the checksums of a PNG, which decoding ignores.

    Raises:
        BackendError: it is not a picture in this format, or is truncated.
    """
    from PIL import Image

    try:
        if kind == "PNG":
            with Image.open(path, formats=[kind]) as image:
                image.verify()
        with Image.open(path, formats=[kind]) as image:
            image.load()
            return image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BackendError(f"the picture is not a complete {kind}", facts={"error": error}) from error


def _pair(size: object) -> list[object] | tuple[object, ...]:
    assert isinstance(size, list | tuple)
    return size


VIDEO = Format("author's video", "MP4, MOV, Matroska, WebM or AVI")
SHOWN = Format(
    "film", "MP4, `frames` frames at constant `rate`; rendered ones are H.264, a ready one has its own codec"
)
CHUNK = Format("chunk", "H.264 in MP4 with closed groups of pictures, all chunks with the same coding")
SHOTS = Format("shots", "PNG, square, all of one size")
PORTRAIT = Format(
    "portrait",
    "PNG, JPEG or WebP, by its content and not by its role: `rgba_of` reads it upright and in sRGB; its alpha, if any, "
    "shows the character alone",
)
LANDMARKS = Format("landmarks", "JSON: a list of 468 points `[x, y]` in pixels of the portrait, in MediaPipe's order")
IMAGE = Format("author's picture", "PNG, JPEG or WebP")
AUTHORS_PICTURE = Format("background", "PNG or JPEG, opaque or not, of any size")

PNG = CheckedFormat("PNG", "of any size", read_png)
JPEG = CheckedFormat("JPEG", "of any size", read_jpeg)
ANIMATION = CheckedFormat("WebP", "of any size, animated if its pictures differ", read_animation)
SHOT = CheckedFormat(
    "shot", "PNG in the size of `cameras.rows`; alpha is straight, and transparent pixels show no body", read_shot
)
REFINED = CheckedFormat("refined shot", "PNG in the size of the input frames", read_refined)
RENDERED = CheckedFormat(
    "rendered chunk",
    "H.264 in MP4, `frames` frames at constant `rate` from 0, in the size of its rows; groups of pictures are "
    "closed, so chunks can be joined by copying",
    read_rendered,
)
LOSSLESS = CheckedFormat(
    "lossless chunk",
    "`frames` frames, or a part of `chunk_frames` of them, in the format of `episodec.video.x264.encode_lossless`, in"
    " the order's `size` or in the size of their rows",
    read_lossless,
)
FRAME = CheckedFormat("frame", "PNG of `size` pixels, or in the size of its row", read_frame)
ENCODED = CheckedFormat(
    "encoded chunk",
    "H.264 in MP4, `frames` frames at constant `rate` from 0, of `size` pixels; its groups of pictures are closed",
    read_encoded,
)
PICTURE = CheckedFormat("picture", "H.264 in MP4, `frames` frames at constant `rate` from 0", read_picture)
READY_VIDEO = CheckedFormat(
    "ready video", "MP4, `frames` frames at constant `rate`, of `size` pixels if that is given", read_ready_video
)
EPISODE = CheckedFormat(
    "episode", "MP4, `frames` frames at constant `rate` from 0; its sound exactly as long", read_episode
)
