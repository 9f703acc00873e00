"""Backend `mux`: picture, sound and captions to the episode's mp4. Only captions are converted."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from episodec.digest import Canonical
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.tools import ffmpeg


class Mux:
    """Stage mux: `picture.mp4`, and optionally `audio.m4a` and `captions.vtt`; without `audio.m4a` the picture keeps
    its own sound. Params: `frames`, `rate`, and the metadata of the file.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"mux"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "language-undetermined": "The language has no three-letter code: players show it as undetermined.",
        "video-sound-unused": "A ready video has its own sound, which the episode's sound replaces.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return ffmpeg.fingerprint(settings, digests)

    def run(self, order: WorkOrder) -> None:
        from episodec.video.delivery import SoundSource, check_delivery
        from episodec.video.probe import probe
        from episodec.video.splice import is_even, splice

        frames, rate = order.whole("frames"), order.whole("rate")
        has_ours = "audio.m4a" in order.inputs
        has_sound = probe(order.input("picture.mp4")).audio_codec is not None
        has_own = has_sound and not has_ours
        if has_sound and has_ours:
            order.note("video-sound-unused", "the video has its own sound, which the episode's sound replaces")
        with TemporaryDirectory() as folder:
            picture = None
            if not is_even(order.input("picture.mp4"), rate):
                picture = Path(folder, "picture.mp4")
                splice([order.input("picture.mp4")], rate, picture)
            _mux(order, rate, picture, has_own=has_own)
        sound = SoundSource.OURS if has_ours else SoundSource.OWN if has_own else SoundSource.NONE
        check_delivery(order.output(), frames, rate, sound)


def _mux(order: WorkOrder, rate: int, picture: Path | None, *, has_own: bool) -> None:
    """Write the file; `picture`: the same packets at even times, if those of a ready video are uneven."""
    import ffmpeg as compose

    from episodec.video.languages import UNDETERMINED, three_letters
    from episodec.video.x264 import ticks

    opened = {role: ffmpeg.source(order.input(role)) for role in sorted(order.inputs)}
    streams = [(opened["picture.mp4"] if picture is None else ffmpeg.source(picture))["v:0"]]
    options: dict[str, Any] = {
        "c": "copy",
        "video_track_timescale": ticks(rate),
        "movie_timescale": 48_000,  # Represents all durations exactly.
        "fflags": "+bitexact",
        "movflags": "+faststart",
        "map_metadata": -1,
        "map_chapters": -1,
    }
    named = str(order.params.get("language", ""))
    language = three_letters(named)
    if language == UNDETERMINED and named:
        sentence = f"the language {named} has no code in MP4: players show it as undetermined"
        order.note("language-undetermined", sentence, facts={"language": named})
    if has_own:
        streams.append(opened["picture.mp4"]["a:0"])
    if "audio.m4a" in opened:
        streams.append(opened["audio.m4a"]["a:0"])
        options["metadata:s:a:0"] = f"language={language}"
    if "captions.vtt" in opened:
        streams.append(opened["captions.vtt"]["s:0"])
        options |= {"c:s": "mov_text", "metadata:s:s:0": f"language={language}"}
    # ffmpeg-python cannot repeat an option: ffmpeg ignores what follows `g`, so the numbers keep them distinct.
    metadata = metadata_of(order.params)
    options |= {f"metadata:g:{place}": f"{name}={text}" for place, (name, text) in enumerate(metadata.items())}
    ffmpeg.run(
        compose.output(*streams, ffmpeg.file(order.output()), format="mp4", **options), ffmpeg.program(order.settings)
    )


def metadata_of(params: Any) -> dict[str, str]:
    """The metadata of the file, by FFmpeg's names, without empty fields.

    Raises:
        BackendError: a text holds a NUL character, which command lines cannot carry.
    """

    def text(name: str) -> str:
        value: Canonical = params.get(name)
        return "" if value is None else str(value)

    season, number = text("season"), text("number")
    tags: Any = params.get("tags") or ()
    metadata = {
        "title": text("title"),
        "artist": text("character"),
        "description": text("description"),
        "synopsis": text("description"),
        "comment": text("disclosure"),
        "keywords": ", ".join(map(str, tags)),
        "album": season,
        "season_number": season if season.isascii() and season.isdigit() else "",
        "episode_id": f"{season}-{number}" if season and number else number,
        "episode_sort": number,
    }
    for name, value in metadata.items():
        if "\0" in value:
            raise BackendError("video metadata cannot hold a NUL character", facts={"field": name})
    return {name: value for name, value in metadata.items() if value}
