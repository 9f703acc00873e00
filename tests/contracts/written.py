"""Orders of every stage whose outputs are written as their contracts say, small."""

import io
import json
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from episodec.audio.cues import Cue
from episodec.audio.wav import write_wav
from episodec.audio.words import SpokenWord, Words, write_words
from episodec.backends.captions import srt, webvtt
from episodec.drawings.overlay import NOTHING, FrameOverlay, write_overlay
from episodec.engine.backend import WorkOrder
from episodec.film.plan import plan_of
from episodec.film.plan_json import write_plan
from episodec.film.rows import unpack
from episodec.film.still_rows import still_rows
from episodec.performance.formats import audio2face
from episodec.performance.perform import FilmedFrames, Style, perform
from episodec.performance.track import pack
from episodec.scenes.motion import motion_note
from episodec.splat.cloud import Cloud, write_cloud
from episodec.splat.dataset import Shot, write_dataset
from episodec.splat.ply import write_ply
from episodec.splat.rig.model import empty_rig
from episodec.splat.rig.rig_file import encode_rig
from episodec.splat.scene_file import encode_scene
from episodec.video.x264 import encode_lossless
from tests.splat.scenes import random_scene
from tests.toys.orders import task
from tests.video.chunks import FFMPEG, FORM, aac, chunk, moving

FRAMES = 3
CLOCK: Mapping[str, Any] = {"frames": FRAMES, "rate": 30}
SAMPLES = FRAMES * 1600
SIDE = 16
RESTING = perform((), (), FilmedFrames(FRAMES, 30, np.zeros((FRAMES, 3)), None), Style("1"))

Writer = Callable[[Path, WorkOrder], object]
Part = tuple[Mapping[str, Any], Mapping[str, tuple[bytes, ...]], Mapping[str, Writer]]
"""An order's params, inputs, and what writes each output."""


def written(root: Path, stage: str) -> WorkOrder:
    """An order of the stage, performed."""
    params, inputs, outputs = PARTS[stage]
    name = stage.partition(" ")[0]
    order = task(root, "toy", stage, stage=name, params=params, inputs=inputs, outputs=tuple(outputs)).order
    for output, write in outputs.items():
        write(order.outputs[output], order)
    return order


def sound(channels: int, samples: int = SAMPLES) -> Writer:
    values = np.sin(np.arange(samples * channels, dtype=np.float32)).reshape(samples, channels) * np.float32(0.25)
    return lambda path, _: write_wav(path, values)


def wav_bytes(channels: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.zeros((SAMPLES, channels)), 48_000, format="WAV", subtype="PCM_16")
    return file.getvalue()


def words(samples: int = SAMPLES) -> Writer:
    spoken = (SpokenWord("Да,", 0, 100), SpokenWord("нет.", 100, 900))
    return lambda path, _: write_words(path, Words(samples, "measured", spoken))


def text(content: str) -> Writer:
    return lambda path, _: path.write_text(content, encoding="utf-8")


def table(**fields: Any) -> Writer:
    return text(json.dumps(fields))


def raw(content: bytes) -> Writer:
    return lambda path, _: path.write_bytes(content)


def picture(kind: str = "PNG", size: tuple[int, int] = (SIDE, SIDE)) -> Writer:
    values = np.random.default_rng(1).integers(0, 256, (*size[::-1], 3), np.uint8)
    return lambda path, _: Image.fromarray(values).save(path, kind)


def film(frames: int = FRAMES) -> Writer:
    return lambda path, _: chunk(path, frames)


def lossless(path: Path, _: WorkOrder) -> None:
    encode_lossless(moving(FRAMES), FORM, path, FFMPEG)


def tensors(name: str = "archive/data.pkl") -> Writer:
    def write(path: Path, _: WorkOrder) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, b"1")

    return write


def encoded_sound(samples: int = SAMPLES) -> Writer:
    return lambda path, _: aac(path, np.zeros((samples, 2), np.float32))


def muxed(samples: int = SAMPLES) -> Writer:
    """Three frames and AAC of so many samples; none: without a sound."""

    def write(path: Path, _: WorkOrder) -> None:
        observed, sound = path.with_name("seen.mp4"), path.with_name("heard.m4a")
        chunk(observed, FRAMES)
        sources = ["-i", str(observed)]
        if samples:
            sources += ["-i", str(aac(sound, np.zeros((samples, 2), np.float32)))]
        options = ["-c", "copy", "-movie_timescale", "48000", "-video_track_timescale", "15360", "-f", "mp4"]
        subprocess.run([str(FFMPEG), "-v", "error", "-y", *sources, *options, str(path)], check=True)

    return write


def training_set(side: int = SIDE, *, without: str = "", smaller: int = 0) -> Writer:
    """Two shots; `without` one of its files, or its last picture `smaller` by so many pixels."""
    poses = np.tile(np.eye(4), (2, 1, 1))
    poses[:, 2, 3] = 2.6
    shots = [Shot("train", "spatial", 0, 0.5, poses[0]), Shot("test", "temporal", 1, 1.0, poses[1])]
    pictures = [np.full((side, side, 4), 200, np.uint8)] * 2
    content = write_dataset(shots, pictures, (20.0, 20.0, side / 2, side / 2), CLOUD)

    def write(path: Path, _: WorkOrder) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(path, "w") as kept:
            last = max(name for name in archive.namelist() if name.endswith(".png"))
            for name in archive.namelist():
                if name != without:
                    is_cut = smaller and name == last
                    kept.writestr(name, png_bytes(side - smaller) if is_cut else archive.read(name))

    return write


def png_bytes(side: int = SIDE) -> bytes:
    content = io.BytesIO()
    Image.new("RGBA", (side, side), (9, 9, 9, 255)).save(content, "PNG")
    return content.getvalue()


def png_without_its_end() -> bytes:
    """Whose rows end too soon, in chunks with the right checksums."""
    header = struct.pack(">2I5B", SIDE, SIDE, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(SIDE))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def rows(frames: int, size: tuple[int, int] = (SIDE, SIDE)) -> bytes:
    poses = np.tile(np.eye(4), (frames, 1, 1))
    return still_rows(size, poses, 35.0, [k / max(frames - 1, 1) for k in range(frames)])


SHOWN = FrameOverlay((("Да,",),), 0, 20, 30)
CUES = (Cue(0, 1, ("Да,",)), Cue(1, 3, ("нет.",)))
CLOUD = Cloud(np.eye(3, dtype=np.float32), np.full((3, 3), 9, np.uint8))
SCENE = encode_scene(random_scene(20))
CHECK = {"check": 1, **CLOCK, "measurements": {"mean": {"least": 1, "most": 2, "least_frame": 0}}}
GATE = {"name": "mean", "min": 1, "max": None, "severity": "warn", "verdict": "passed"}
MIXED = {"samples": SAMPLES, "target_lufs": -16, "loudness_lufs": None, "true_peak_dbtp": -1.5}
DISTANCES = {"before": 3.0, "after": 2}
ARTICLE = '<article class="episode" id="n" lang="ru" data-series="S" aria-labelledby="n-title">\n</article>\n'
VIEWS, STILL = {"cameras.rows": (rows(2),)}, {"frames.rows": (rows(FRAMES, (64, 48)),)}
PNG, JPEG, WEBP = picture(), picture("JPEG"), picture("WEBP")

WAV = wav_bytes(1)

PARTS: Mapping[str, Part] = {
    "voice": (
        {"words": [["Да,", "да"], ["нет.", "нет"]]},
        {},
        {"speech.wav": sound(1), "words.json": words()},
    ),
    "voice recording": ({"sentences": []}, {}, {"speech.wav": sound(1), "words.json": words()}),
    "align": ({"sentences": [], "language": "ru"}, {"speech.wav": (WAV,)}, {"words.json": words()}),
    "join": ({**CLOCK}, {}, {"voice.wav": sound(1), "words.json": words()}),
    "foley": ({**CLOCK}, {}, {"foley.wav": sound(2), "foley.json": table(matched=["rain"], unmatched=[])}),
    "foley segment": ({**CLOCK}, {}, {"segment.wav": sound(2)}),
    "foley-join": ({**CLOCK}, {}, {"foley.wav": sound(2)}),
    "mix": ({**CLOCK}, {}, {"mix.wav": sound(2), "mix.json": table(**MIXED)}),
    "audio": ({**CLOCK}, {}, {"audio.m4a": encoded_sound(), "audio.json": table(**MIXED, bitrate_kbps=192)}),
    "captions": (
        {**CLOCK},
        {},
        {"captions.vtt": text(webvtt(CUES, 30, FRAMES)), "captions.srt": text(srt(CUES, 30, FRAMES))},
    ),
    "views": ({}, VIEWS, {"view_000.png": PNG, "view_001.png": PNG, "cloud.ply": raw(write_cloud(CLOUD))}),
    "motion": (
        {"frames": 2},
        VIEWS,
        {"frame_000.png": PNG, "frame_001.png": PNG, "motion.json": text(motion_note((9, 9), None, 2, range(2)))},
    ),
    "refine": (
        {},
        {"frame.png": (png_bytes(),)},
        {"frame_000.png": PNG, "drift.json": table(format="episodec drift 1", mean=DISTANCES, frames=[DISTANCES])},
    ),
    "dataset": ({}, {}, {"dataset.zip": training_set()}),
    "train": (
        {},
        {},
        {
            "still.scene": raw(SCENE),
            "point_cloud.ply": raw(write_ply(random_scene(20))),
            "deformation.pth": tensors(),
            "training.json": table(gaussians=20, psnr_db={"train-spatial": 30.1}),
            "training.png": PNG,
            "turntable.webp": WEBP,
        },
    ),
    "scene-check": (
        {**CLOCK},
        {},
        {
            "scene.json": table(gaussians=20, psnr_db={"test": {"all": 30.0}}, orbit={"frame_difference": 1.5}),
            "scene.png": PNG,
            "scene.mp4": film(),
        },
    ),
    "plan": ({**CLOCK}, {}, {"plan.json": text(write_plan(plan_of(unpack(rows(FRAMES)), 30, ())))}),
    "plan-picture": ({**CLOCK}, {}, {"plan.png": PNG}),
    "video": ({**CLOCK, "size": [64, 48]}, {}, {"video.mp4": film()}),
    "scene": ({}, {}, {"still.scene": raw(SCENE)}),
    "rig": ({}, {}, {"mouth.rig": raw(encode_rig(empty_rig())), "face.json": table(version=1, found=False)}),
    "render": ({**CLOCK}, STILL, {"chunk.mp4": film()}),
    "render changed": ({**CLOCK}, STILL, {"frames.mkv": lossless}),
    "lip-voice": ({**CLOCK, "margin": 0, "windows": [[0, 3]]}, {}, {"window_000.wav": sound(1)}),
    "lipsync": ({**CLOCK, "chunk_frames": 30, "size": [64, 48]}, {}, {"frames_000.mkv": lossless}),
    "overlay": ({**CLOCK, "chunk_frames": 30}, {}, {"overlay_000.json": text(write_overlay([NOTHING, SHOWN, SHOWN]))}),
    "performance": (
        {**CLOCK, "chunk_frames": 30},
        {},
        {
            "performance.json": raw(audio2face(RESTING, 30).encode()),
            "performance_000.rows": raw(pack(RESTING)),
            "resting_000.rows": raw(pack(RESTING)),
        },
    ),
    "render one": ({"frames": 1, "rate": 30}, STILL, {"frame.png": picture(size=(64, 48))}),
    "encode": ({**CLOCK, "size": [64, 48]}, {}, {"chunk.mp4": film()}),
    "encode one": ({**CLOCK, "size": [64, 48], "frame": 0}, {}, {"frame.png": picture(size=(64, 48))}),
    "picture": ({**CLOCK}, {}, {"picture.mp4": film()}),
    "mux": ({**CLOCK}, {"audio.m4a": (b"1",)}, {"episode.mp4": muxed()}),
    "mux silent": ({**CLOCK}, {}, {"episode.mp4": muxed(0)}),
    "stills": ({**CLOCK}, {}, {"poster.jpg": JPEG, "contact.png": PNG, "preview.webp": WEBP}),
    "check": ({**CLOCK, "gates": {"mean": {}}}, {}, {"check.json": table(**CHECK, gates=[GATE]), "check.png": PNG}),
    "post": ({}, {}, {"post.md": text("# Девятьсот\n")}),
    "viewer": ({}, {}, {"viewer.html": text('<!doctype html>\n<script id="pack">H4sI</script>\n</html>\n')}),
    "entry": ({"name": "n"}, {}, {"entry.html": text(ARTICLE)}),
}
