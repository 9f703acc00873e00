"""Some chunks of a film as a short film of their own: packets are copied, the sound is encoded anew."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from episodec.errors import BackendError
from episodec.timebase import samples_per_frame
from episodec.tools import ffmpeg
from episodec.video.splice import splice


def write_excerpt(
    chunks: Sequence[Path], rate: int, sound: Path | None, start_frame: int, path: Path, program: Path
) -> int:
    """Write the chunks, one after the other, to an mp4 at `path`; returns the number of frames.

    `sound`: that of the whole film, as WAV; `start_frame`: the film's frame at which the first chunk begins.

    Raises:
        BackendError: see `splice`; or the sound is shorter than the chunks, or ffmpeg failed.
    """
    with TemporaryDirectory() as folder:
        picture, cut = Path(folder, "picture.mp4"), Path(folder, "sound.wav")
        frames = splice(chunks, rate, picture)
        if sound is not None:
            _cut(sound, start_frame * samples_per_frame(rate), frames * samples_per_frame(rate), cut)
        _join(picture, None if sound is None else cut, path, program)
    return frames


def _cut(sound: Path, start: int, length: int, path: Path) -> None:
    from episodec.audio.wav import read_wav, write_wav

    samples, rate = read_wav(sound)
    excerpt = samples[start : start + length]
    if len(excerpt) != length:
        facts = {"expected": f"samples {start} to {start + length}", "found": f"{len(samples)} samples"}
        raise BackendError("the sound ends before the frames do", facts=facts)
    write_wav(path, excerpt, rate)


def _join(picture: Path, sound: Path | None, path: Path, program: Path) -> None:
    import ffmpeg as compose

    streams = [ffmpeg.source(picture)["v:0"], *([] if sound is None else [ffmpeg.source(sound)["a:0"]])]
    options: dict[str, Any] = {
        "format": "mp4",
        "c:v": "copy",
        "movflags": "+faststart",
        "map_metadata": -1,
        "fflags": "+bitexact",
        "threads": 1,
    }
    if sound is not None:
        # The default coder takes 2.5 times as long, and previews should be quick.
        options |= {"c:a": "aac", "aac_coder": "fast", "b:a": "192k", "aac_pns": 0, "flags:a": "+bitexact"}
    ffmpeg.run(compose.output(*streams, ffmpeg.file(path), **options), program)
