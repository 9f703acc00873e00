"""The viewer in a real browser: what it draws against our rasteriser, how soon, in step with the sound, and its pack.

The scene is `--scene FILE`, a trained one, or the draft scene of our own portrait; the film has `--frames` frames
with a camera that moves, a face that speaks, looks and blinks, and the default background. PSNR is over all pixels and
channels of 512 by 512, the least of five. Chromium draws in software, so its times are not those of a visitor's GPU:
`?bench` after the page's address measures there. `--pictures FOLDER` writes what was compared, and screenshots.
"""

import argparse
import base64
import io
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench._table import Figure, Target, print_json, print_table, print_targets, say
from episodec.backends.viewer import ViewerBackend
from episodec.drawings.background import gradient, lit, values
from episodec.faces.heads import fitted_front, fitted_head
from episodec.faces.landmarks import read_landmarks
from episodec.faces.pixels import rgba_of
from episodec.film.rows import Rows, unpack
from episodec.film.rows import pack as pack_rows
from episodec.performance.channels import PLACES
from episodec.performance.track import PerformanceTrack, pack, quantised
from episodec.scenes.cameras import view_of
from episodec.scenes.performing import rig_row
from episodec.spec.types_of_picture import STUDIO
from episodec.splat.rasterise import render
from episodec.splat.relief.body import relief
from episodec.splat.rig.build import build_rig
from episodec.splat.rig.model import Rig
from episodec.splat.rig.pose import posed
from episodec.splat.rig.rig_file import encode_rig
from episodec.splat.scene import Scene, columnar
from episodec.splat.scene_file import decode_scene, encode_scene
from episodec.splat.white import on_white
from episodec.tools import ffmpeg
from tests.page import browser as driver
from tests.page.browser import Tab, browser
from tests.page.test_post import TRAINED
from tests.toys.orders import task

ROOT = Path(__file__).parents[1]
PORTRAIT = ROOT / "episodes" / "characters" / "alpha" / "alpha-ref.png"
SIZE, RATE, THREADS = (512, 512), 30, 2
CAMERAS = ((0, 0, 2.6, 0.0), (25, 5, 2.6, 0.37), (-60, 0, 2.6, 0.5), (180, 0, 2.6, 0.9), (10, 0, 1.2, 0.81))
"""Azimuth and elevation in degrees, distance in metres, scene time: of the first frames, at rest, then performing."""

MOST_BYTES, STILL_DB, FACE_DB, FILM_DB, SHOWN_S, MOMENTS = 2_300_000, 53.0, 50.0, 45.0, 3.0, 20
PATIENCE_S = 900.0  # A picture drawn by a busy processor takes a while.

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """An episode whose page is measured."""

    scene: Scene
    rig: Rig
    rows: Rows
    track: PerformanceTrack

    def frame(self, number: int) -> Pixels:
        """As the film has it, not encoded."""
        row = int(self.rows.order[number])
        time_, period = float(self.rows.scene_time[row]), int(self.rows.period[row])
        still = posed(self.scene, self.rig, rig_row(self.track, number), time=time_, period=period)
        behind = lit(gradient([values(each) for each in STUDIO.colours], SIZE), STUDIO.falloff)
        return render(still, view_of(self.rows, row), time=time_, period=period, background=behind, threads=THREADS)


def filmed(scene: Scene, frames: int) -> Film:
    front = fitted_front(scene, THREADS)
    assert front is not None, "the scene has no face"
    return Film(scene, build_rig(scene, *front), unpack(rows_of(frames)), performance(frames))


def draft_scene() -> Scene:
    rgba = rgba_of(PORTRAIT)
    (marks,) = read_landmarks([on_white(rgba)])
    return columnar(relief(rgba, fitted_head(rgba, marks), threads=THREADS).scene)


def rows_of(frames: int) -> bytes:
    """The five cameras twice, then one that sways in front while time goes back and forth."""
    stills = [*CAMERAS, *CAMERAS]
    sways = [(20 * math.sin(k / 90), 4 * math.sin(k / 70), 2.4 + 0.3 * math.cos(k / 80)) for k in range(frames)]
    places = [*((a, e, d) for a, e, d, _ in stills), *sways][:frames]
    times = [*(time_ for *_, time_ in stills), *(min(k % 46, 46 - k % 46) / 23 for k in range(frames))][:frames]
    focal = 0.5 * SIZE[1] / math.tan(math.radians(17.5))
    lens = np.tile(np.array([focal, focal, SIZE[0] / 2, SIZE[1] / 2]), (frames, 1))
    return pack_rows(SIZE, np.array([around(*place) for place in places]), lens, np.array(times))


def around(azimuth_deg: float, elevation_deg: float, distance: float) -> NDArray[np.float64]:
    """(4, 4), camera to world, OpenGL: it looks at the origin."""
    a, e = math.radians(azimuth_deg), math.radians(elevation_deg)
    back = np.array([math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)])
    right = np.array([math.cos(a), 0.0, -math.sin(a)])
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2], pose[:3, 3] = right, np.cross(back, right), back, distance * back
    return pose


def performance(frames: int) -> PerformanceTrack:
    """At rest for five frames; then it speaks, blinks, looks about, nods and breathes."""
    weights, head, breath = np.zeros((frames, 52)), np.zeros((frames, 3)), np.zeros(frames)
    at = np.arange(frames)
    strength = {
        "jawOpen": 0.5 * np.abs(np.sin(at * 0.7)),
        "mouthFunnel": 0.4 * np.abs(np.sin(at * 0.31)),
        "mouthSmileLeft": 0.4 * np.abs(np.sin(at * 0.11)),
        "mouthSmileRight": 0.4 * np.abs(np.sin(at * 0.11)),
        "eyeBlinkLeft": np.clip(np.sin(at * 0.19) * 4 - 3, 0, 1),
        "eyeBlinkRight": np.clip(np.sin(at * 0.19) * 4 - 3, 0, 1),
        "eyeLookInLeft": 0.5 * np.abs(np.sin(at * 0.05)),
        "eyeLookOutRight": 0.5 * np.abs(np.sin(at * 0.05)),
        "browInnerUp": 0.6 * np.abs(np.sin(at * 0.07)),
    }
    for name, curve in strength.items():
        weights[:, PLACES[name]] = curve
    head[:] = np.stack([8 * np.sin(at * 0.04), 5 * np.sin(at * 0.06), 3 * np.sin(at * 0.03)], axis=1)
    breath[:] = 0.5 + 0.5 * np.sin(at * 0.05)
    for array in (weights, head, breath):
        array[:5] = 0
    return quantised(weights, head, breath)


def page_of(film: Film, folder: Path) -> Path:
    """The page, made by the backend."""
    frames = len(film.track)
    sound = folder / "audio.m4a"
    tone = f"sine=frequency=330:sample_rate=48000:duration={frames / RATE}"
    command = [
        str(ffmpeg.program({})),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        tone,
        "-c:a",
        "aac",
        "-b:a",
        "128k",
        str(sound),
    ]
    subprocess.run(command, check=True)
    cues = "".join(f"\n00:{k:02}.000 --> 00:{k:02}.900\nWords at {k} s.\n" for k in range(frames // RATE))
    inputs = {
        "still.scene": (encode_scene(film.scene),),
        "mouth.rig": (encode_rig(film.rig),),
        "frames.rows": (rows_of(frames),),
        "performance.rows": (pack(film.track),),
        "audio.m4a": (sound.read_bytes(),),
        "captions.vtt": (f"WEBVTT\n{cues}".encode(),),
    }
    params: dict[str, Any] = {**TRAINED, "frames": frames, "rate": RATE, "language": "en", "size": list(SIZE)}
    params["background"] = {"colours": list(STUDIO.colours), "falloff": STUDIO.falloff}
    order = task(folder, "viewer", stage="viewer", params=params, inputs=inputs, outputs=("viewer.html",)).order
    ViewerBackend().run(order)
    return order.output()


def psnr_db(pixels: Pixels, expected: Pixels) -> float:
    return 10 * math.log10(255**2 / max(float(np.mean((pixels.astype(float) - expected) ** 2)), 1e-9))


def compared(tab: Tab, film: Film, frames: Sequence[int], pictures: Path | None) -> float:
    """The least PSNR of these frames, in dB."""
    measured = []
    for frame in frames:
        url = tab.run(f"viewer.picture({frame}, {list(SIZE)})")
        drawn = np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))
        expected = film.frame(frame)
        measured.append(psnr_db(drawn, expected))
        say(f"frame {frame}: {measured[-1]:.1f} dB")
        if pictures is not None:
            Image.fromarray(np.concatenate([drawn, expected], axis=1)).save(pictures / f"frame-{frame:03}.png")
    return min(measured)


def clock_error(tab: Tab, frames: int) -> int:
    """The greatest distance of the row from that of the sound's clock, at moments over the film."""
    tab.run("viewer.screen.resize(16, 16)")  # What is asked is the row.
    errors = []
    for k in range(MOMENTS):
        at = (k + 0.37) / MOMENTS * frames / RATE
        tab.run("viewer.sound.addEventListener('seeked', () => { window.isThere = true }, {once: true})")
        tab.run(f"window.isThere = false; viewer.sound.currentTime = {at}")
        tab.wait(lambda: tab.run("window.isThere"))
        frame = tab.run("(viewer.isPlaying = true, viewer.draw(), viewer.isPlaying = false, viewer.posed)")
        errors.append(abs(int(frame) - math.floor(at * RATE)))
    return max(errors)


def opened(tab: Tab, page: Path) -> float:
    """Seconds from the request to the first picture."""
    started = time.perf_counter()
    tab.open(page)
    tab.wait(lambda: tab.run("document.documentElement.dataset.state"))
    tab.run("(({gl}) => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)))(viewer.screen)")
    return time.perf_counter() - started


def is_true(tab: Tab, expression: str) -> bool:
    return bool(tab.run(expression))


def screenshots(folder: Path) -> None:
    """Of the page in the folder: as it plays, and with a camera of one's own and all details."""
    for name, size in {"desktop": (1280, 900), "phone": (390, 844)}.items():
        with tempfile.TemporaryDirectory() as profile, browser(Path(profile) / "profile", draws=True) as tab:
            tab.shape(*size)
            opened(tab, folder / "viewer.html")
            tab.run("viewer.go(40)")
            tab.wait(partial(is_true, tab, "viewer.posed === 40"))
            tab.picture(folder / f"{name}.png")
            tab.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")
            tab.run("viewer.own.orbit(0.6, 0.3)")
            tab.wait(partial(is_true, tab, "!viewer.asked"))
            tab.picture(folder / f"{name}-own.png", whole=True)


def measured(film: Film, pictures: Path | None) -> Iterator[Figure]:
    frames = len(film.track)
    with tempfile.TemporaryDirectory() as name, browser(Path(name) / "profile", draws=True) as tab:
        before = time.process_time()
        page = page_of(film, Path(name))
        yield Figure("make", time.process_time() - before, "CPU s")
        yield Figure("gaussians", film.scene.count, "Gaussians")
        tab.shape(1280, 900)
        yield Figure("first-shown", min(opened(tab, page) for _ in range(3)), "s")
        yield Figure("pack", tab.run("atob(document.querySelector('#pack').textContent).length"), "bytes")
        yield Figure("page", page.stat().st_size, "bytes")
        yield Figure("psnr-still", compared(tab, film, range(5), pictures), "dB")
        yield Figure("psnr-face", compared(tab, film, range(5, 10), pictures), "dB")
        live = [10 + (frames - 11) * k // 4 for k in range(5)]
        yield Figure("psnr-film", compared(tab, film, live, pictures), "dB")
        yield Figure("clock-error", clock_error(tab, frames), "frames")
        pose = (
            "(() => { const t = performance.now(); for (let k = 10; k < 30; k++) viewer.poser.pose(1.5, viewer.row(k));"
        )
        yield Figure("pose", tab.run(f"{pose} return (performance.now() - t) / 20 }})()"), "ms")
        sort = "(() => { const t = performance.now(), c = viewer.filmed().camera; for (let k = 0; k < 20; k++)"
        yield Figure("sort", tab.run(f"{sort} viewer.screen.sort(c); return (performance.now() - t) / 20 }})()"), "ms")
        if pictures is not None:
            shutil.copy(page, pictures / "viewer.html")


def targets(value: Mapping[str, float], *, is_trained: bool) -> Iterator[Target]:
    if is_trained:
        sentence = f"the pack has at most {MOST_BYTES:,} bytes: {value['pack']:,.0f}"
        yield Target(sentence, value["pack"] <= MOST_BYTES)
        yield Target(f"first shown within {SHOWN_S:g} s: {value['first-shown']:.2f}", value["first-shown"] <= SHOWN_S)
    for name, least in (("still", STILL_DB), ("face", FACE_DB), ("film", FILM_DB)):
        actual = value[f"psnr-{name}"]
        yield Target(f"{name}: PSNR of at least {least:g} dB: {actual:.1f}", actual >= least)
    error = value["clock-error"]
    yield Target(f"the row is that of the sound's clock ± 1 at {MOMENTS} moments: {error:g}", error <= 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--scene", type=Path, help="a trained scene file instead of the draft scene")
    parser.add_argument("--frames", type=int, default=900, help="the length of the film, at least 30")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="write compared pictures and screenshots there")
    asked = parser.parse_args()
    driver.PATIENCE_S = PATIENCE_S
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    scene = columnar(decode_scene(asked.scene.read_bytes())) if asked.scene else draft_scene()
    figures = list(measured(filmed(scene, asked.frames), asked.pictures))
    if asked.pictures:
        screenshots(asked.pictures)
    if asked.json:
        print_json(figures)
        return
    print_table(["figure", "value", "unit"], [[each.name, f"{each.value:.4g}", each.unit] for each in figures])
    print_targets(targets({each.name: each.value for each in figures}, is_trained=asked.scene is not None))


if __name__ == "__main__":
    main()
