"""The viewer's page of a little episode in a real browser, opened as a file: it draws what the film shows, in step with
the sound, follows a visitor's hand, and asks for nothing.
"""

import base64
import html
import io
import json
import math
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from episodec.backends.viewer import ViewerBackend
from episodec.drawings.background import gradient, lit, values
from episodec.film.rows import Rows, unpack
from episodec.film.rows import pack as pack_rows
from episodec.performance.channels import PLACES
from episodec.performance.track import PerformanceTrack, pack, quantised
from episodec.scenes.cameras import view_of
from episodec.scenes.performing import rig_row
from episodec.splat.rasterise import render
from episodec.splat.rig.model import Rig
from episodec.splat.rig.pose import posed
from episodec.splat.rig.rig_file import encode_rig
from episodec.splat.scene import Scene, Slices, columnar
from episodec.splat.scene_file import encode_scene
from episodec.tools import ffmpeg
from tests.page.browser import Tab, browser, check_quiet
from tests.page.test_in_a_browser import HOSTILE, contrast
from tests.page.test_post import TRAINED
from tests.splat.rig.rigs import little_rig
from tests.splat.scenes import random_scene
from tests.toys.orders import task

FRAMES, RATE, SIZE, COUNT = 60, 30, (96, 128), 150
WINDOW = (480, 320)  # Small: the processor draws.
STILL = 30  # The face rests until this frame.
COLOURS = ("#5a5e6b", "#33353d")
CAPTIONS = f"WEBVTT\n\n00:00.500 --> 00:01.000\nFirst {html.escape(HOSTILE, quote=False)}\n"

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """The sources of the page."""

    page: Path
    scene: Scene
    rig: Rig
    rows: Rows
    track: PerformanceTrack

    def frame(self, number: int) -> Pixels:
        """As the film has it, not encoded."""
        row = int(self.rows.order[number])
        time, period = float(self.rows.scene_time[row]), int(self.rows.period[row])
        still = posed(self.scene, self.rig, rig_row(self.track, number), time=time, period=period)
        behind = lit(gradient([values(each) for each in COLOURS], SIZE), 0.65)
        return render(still, view_of(self.rows, row), time=time, period=period, background=behind)


def moving_scene() -> Scene:
    """A cloud that turns, grows and moves over four slices."""
    rng = np.random.default_rng(5)
    still = random_scene(COUNT, seed=5, degree=0)

    def drifting(values: NDArray[np.float32], step: float) -> NDArray[np.float32]:
        steps = rng.normal(0, step, (4, *values.shape)).astype(np.float32)
        steps[0] = 0
        return values + np.cumsum(steps, axis=0, dtype=np.float32)

    quaternions = still.quaternions / np.linalg.norm(still.quaternions, axis=1, keepdims=True)
    slices = Slices(
        drifting(still.means, 0.03), drifting(quaternions, 0.1), drifting(still.log_scales - 1.3, 0.1), closes=True
    )
    return columnar(replace(still, slices=slices))


def circling_rows() -> bytes:
    """A camera that goes round and closer; a loop of 20 frames, then time held between two slices."""
    poses, width = np.tile(np.eye(4), (FRAMES, 1, 1)), SIZE[0]
    for frame, pose in enumerate(poses):
        yaw, distance = math.radians(6 * frame - 240), 3.4 - frame / 60
        pose[:3, :3] = [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
        pose[:3, 3] = pose[:3, 2] * distance
    lens = np.tile(np.array([1.2 * width, 1.2 * width, width / 2, SIZE[1] / 2]), (FRAMES, 1))
    times = np.array([frame % 20 / 19 if frame < 40 else 0.37 for frame in range(FRAMES)])
    return pack_rows(SIZE, poses, lens, times, np.where(np.arange(FRAMES) < 40, 20, 0))


def moving_face() -> PerformanceTrack:
    weights, head, breath = np.zeros((FRAMES, 52)), np.zeros((FRAMES, 3)), np.zeros(FRAMES)
    for frame in range(STILL, FRAMES):
        weights[frame, PLACES["jawOpen"]] = frame / FRAMES
        weights[frame, PLACES["browInnerUp"]] = 0.5
        weights[frame, PLACES["eyeBlinkLeft"]] = (frame % 10) / 9
        head[frame], breath[frame] = (12, -5, 4), 0.8
    return quantised(weights, head, breath)


@pytest.fixture(scope="module")
def episode(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    folder = tmp_path_factory.mktemp("viewer")
    scene, rig, rows, track = moving_scene(), replace(little_rig(4), count=COUNT), circling_rows(), moving_face()
    sound = folder / "audio.m4a"
    tone = f"sine=frequency=440:sample_rate=48000:duration={FRAMES / RATE}"
    subprocess.run(
        [str(ffmpeg.program({})), "-v", "error", "-f", "lavfi", "-i", tone, "-c:a", "aac", str(sound)], check=True
    )
    inputs = {
        "still.scene": (encode_scene(scene),),
        "mouth.rig": (encode_rig(rig),),
        "frames.rows": (rows,),
        "performance.rows": (pack(track.part(0, 30)), pack(track.part(30, FRAMES))),
        "audio.m4a": (sound.read_bytes(),),
        "captions.vtt": (CAPTIONS.encode(),),
    }
    params: dict[str, Any] = {**TRAINED, "frames": FRAMES, "rate": RATE, "title": HOSTILE, "size": list(SIZE)}
    params["background"] = {"colours": list(COLOURS), "falloff": 0.65}
    order = task(folder, "viewer", stage="viewer", params=params, inputs=inputs, outputs=("viewer.html",)).order
    ViewerBackend().run(order)
    assert order.notes == []
    return Episode(order.output(), scene, rig, unpack(rows), track)


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("browser") / "profile", draws=True) as tab:
        tab.shape(*WINDOW)
        yield tab


@pytest.fixture
def tab(drawing: Tab, episode: Episode) -> Iterator[Tab]:
    """The page, ready; whatever a test does there, it complains of nothing and asks for nothing."""
    drawing.open(episode.page)
    drawing.wait(lambda: drawing.run("document.documentElement.dataset.state"))
    assert drawing.run("document.documentElement.dataset.state") == "ready", drawing.run("note.textContent")
    yield drawing
    drawing.run("1")
    check_quiet(drawing, episode.page)
    drawing.shape(*WINDOW)


def picture(tab: Tab, frame: int) -> Pixels:
    url = tab.run(f"viewer.picture({frame}, {list(SIZE)})")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB"))


def psnr_db(pixels: Pixels, expected: Pixels) -> float:
    return 10 * math.log10(255**2 / max(float(np.mean((pixels.astype(float) - expected) ** 2)), 1e-9))


@pytest.mark.parametrize(
    ("frames", "least_db"),
    [
        pytest.param((0, 7, 13, 22, 29), 53, id="a face at rest"),
        pytest.param((30, 35, 44, 51, 59), 50, id="a face that moves"),
    ],
)
def test_it_draws_what_the_film_shows(tab: Tab, episode: Episode, frames: tuple[int, ...], least_db: float) -> None:
    measured = {frame: psnr_db(picture(tab, frame), episode.frame(frame)) for frame in frames}
    assert min(measured.values()) >= least_db, measured


def test_a_frame_differs_from_the_next(tab: Tab, episode: Episode) -> None:
    """Otherwise the measurement above would measure nothing."""
    assert psnr_db(picture(tab, 45), episode.frame(46)) < 40


def test_the_row_is_that_of_the_sounds_clock(tab: Tab) -> None:
    moments = [(0.37 * k) % 1.98 for k in range(20)]
    shows = """async (at) => {
      const seeked = new Promise((done) => viewer.sound.addEventListener('seeked', done, {once: true}));
      viewer.sound.currentTime = at; await seeked;
      viewer.isPlaying = true; viewer.draw(); viewer.isPlaying = false;
      return [viewer.sound.currentTime, viewer.posed];
    }"""
    for moment in moments:
        clock, frame = tab.run(f"({shows})({moment})")
        assert clock == pytest.approx(moment, abs=0.001)
        assert abs(frame - math.floor(clock * RATE)) <= 1


def test_it_plays_in_step_with_its_sound_and_stops_at_the_end(tab: Tab) -> None:
    assert tab.run("viewer.sound.duration") == pytest.approx(FRAMES / RATE, abs=0.03)
    tab.click("#play")
    tab.wait(lambda: tab.run("viewer.sound.currentTime") > 0.2)
    clock = "viewer.sound.currentTime"
    before, frame, after = tab.run(
        f"(() => {{ const t = {clock}; viewer.draw(); return [t, viewer.posed, {clock}] }})()"
    )
    assert math.floor(before * RATE) - 1 <= frame <= math.floor(after * RATE) + 1
    tab.wait(lambda: tab.run("!viewer.isPlaying"))
    assert tab.run("document.querySelector('#play').textContent") == "Пуск"


def test_captions_are_shown_at_their_moments(tab: Tab) -> None:
    for frame, text in ((14, ""), (15, f"First {HOSTILE}"), (29, f"First {HOSTILE}"), (30, "")):
        tab.run(f"viewer.go({frame}), viewer.draw()")
        assert tab.run("[caption.textContent, caption.hidden]") == [text, not text]


def test_the_slider_and_the_keys_go_to_a_frame(tab: Tab) -> None:
    tab.run("time.value = 41; time.dispatchEvent(new Event('input'))")
    tab.wait(lambda: tab.run("viewer.posed") == 41)
    key(tab, ".")
    tab.wait(lambda: tab.run("viewer.posed") == 42)
    assert tab.run("[time.value, clock.textContent]") == ["42", "0:01 / 0:02"]
    key(tab, "Home")
    tab.wait(lambda: tab.run("viewer.posed") == 0)
    key(tab, " ")
    tab.wait(lambda: tab.run("viewer.isPlaying"))
    key(tab, " ")
    tab.wait(lambda: tab.run("!viewer.isPlaying"))


def test_a_hand_takes_the_camera_and_gives_it_back(tab: Tab) -> None:
    start = tab.run("viewer.filmed().camera")
    drag(tab, (10, 0))
    assert tab.run("camera.getAttribute('aria-pressed')") == "true"
    turned = tab.run("viewer.own.matrix()")
    assert np.abs(np.array(turned) - start).max() > 0.05
    assert distance(turned) == pytest.approx(distance(start), abs=0.2), "it circles what was in the middle"
    box = tab.run("(({x, y, width, height}) => [x + width / 2, y + height / 2])(view.getBoundingClientRect())")
    tab.call("Input.dispatchMouseEvent", type="mouseWheel", x=box[0], y=box[1], deltaX=0, deltaY=-100)
    tab.wait(lambda: distance(tab.run("viewer.own.matrix()")) < distance(turned) - 0.1)
    near = distance(tab.run("viewer.own.matrix()"))
    pinch(tab, 40, 20)
    tab.wait(lambda: distance(tab.run("viewer.own.matrix()")) > near + 0.5)
    tab.run("view.focus()")
    yaw = tab.run("viewer.own.yaw")
    key(tab, "ArrowRight")
    assert tab.run("viewer.own.yaw") == pytest.approx(yaw + 0.1)
    key(tab, "с", "KeyC")  # As a Russian layout writes it.
    assert tab.run("camera.getAttribute('aria-pressed')") == "false"


def test_it_rests_until_it_is_asked(tab: Tab) -> None:
    """Also for those who asked for reduced motion: nothing moves on its own."""
    assert tab.run("[viewer.isPlaying, viewer.asked, viewer.posed, viewer.sound.paused]") == [False, 0, 0, True]


def test_hostile_texts_are_texts(tab: Tab) -> None:
    assert tab.run("window.hit ?? null") is None
    assert tab.run("document.querySelector('h1').textContent") == HOSTILE
    assert tab.run("document.scripts.length") == 2, "the pack, which never runs, and the page's own"
    policy = tab.run("document.querySelector('meta[http-equiv]').content")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    blocked = tab.run("fetch('data:,x').then(() => 'open', () => 'blocked')")
    assert blocked == "blocked"
    tab.complaints.clear()


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844), (844, 390)])
def test_it_fits_the_window(tab: Tab, width: int, height: int) -> None:
    tab.shape(width, height)
    tab.run("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert tab.run("document.documentElement.scrollWidth") <= width
    box = tab.run("(({width, height}) => [width, height])(view.getBoundingClientRect())")
    assert box[0] / box[1] == pytest.approx(SIZE[0] / SIZE[1], abs=0.01)
    assert box[1] <= height
    buttons = tab.run(
        "[...document.querySelectorAll('.bar button')].map((each) => each.getBoundingClientRect().height)"
    )
    assert min(buttons) >= 44, "as large as a finger"
    colours = tab.run("['.top p', 'th', 'td', '.bar output'].map((name) => "
                      "getComputedStyle(document.querySelector(name)).color)")  # fmt: skip
    ground = tab.run("getComputedStyle(document.body).backgroundColor")
    assert min(contrast(colour, ground) for colour in colours) >= 4.5


def test_the_bench_tells_a_rate(drawing: Tab, episode: Episode) -> None:
    drawing.open(episode.page)
    drawing.wait(lambda: drawing.run("document.documentElement.dataset.state"))
    assert "frames a second" in drawing.run("viewer.bench(0.1)")


def distance(camera: Any) -> float:
    """Of a camera from the world's origin."""
    return math.sqrt(sum(camera[k] ** 2 for k in (3, 7, 11)))


def key(tab: Tab, name: str, code: str = "") -> None:
    event = json.dumps({"key": name, "code": code, "bubbles": True, "cancelable": True})
    tab.run(f"(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', {event}))")


def drag(tab: Tab, by: tuple[int, int]) -> None:
    """A drag with the mouse from the middle of the picture, in four steps."""
    x, y = tab.run("(({x, y, width, height}) => [x + width / 2, y + height / 2])(view.getBoundingClientRect())")
    tab.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", clickCount=1)
    for step in range(1, 5):
        at = {"x": x + by[0] * step, "y": y + by[1] * step}
        tab.call("Input.dispatchMouseEvent", type="mouseMoved", button="left", buttons=1, **at)
    tab.call("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left", clickCount=1)


def pinch(tab: Tab, start: int, end: int) -> None:
    """Two fingers, from one distance to another."""
    x, y = tab.run("(({x, y, width, height}) => [x + width / 2, y + height / 2])(view.getBoundingClientRect())")
    fingers = [[{"x": x - half, "y": y, "id": 0}, {"x": x + half, "y": y, "id": 1}] for half in (start, end)]
    for kind, points in (("touchStart", fingers[0]), ("touchMove", fingers[1]), ("touchEnd", [])):
        tab.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
