"""Backend `latentsync`: draws the lips of one window of a film with LatentSync on this machine.

It runs LatentSync's own pipeline in a child process that keeps its models loaded, at the film's rate. Its readers and
writers of films are not used: it gets our frames and gives the drawn faces, so nothing is encoded on the way.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from episodec.digest import Canonical
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, SettingsError
from episodec.overrides import Choice, Number, Overrides, Whole
from episodec.ownfile import own_file
from episodec.tools import ffmpeg
from episodec.tools.fingerprint import both
from episodec.tools.hub import hub_models, hub_setting
from episodec.tools.installed import (
    code_digest,
    environment,
    file_digests,
    now_ns,
    path_setting,
    python_and_repo,
    require_fresh_output,
    run_folder,
    sources,
    tool_environment,
)
from episodec.tools.params import overrides_of

SYSTEM = "LatentSync"
LICENCE = (
    "LatentSync 1.6: code Apache-2.0; see the model card of its weights for their terms; its face detector "
    "(insightface, whose models are for non-commercial research) is not used"
)
BATCH_FRAMES = 16  # The model draws so many frames together.
SLOW_RATE = 25  # Frames a second of the films that it was trained with.

_CONFIGS = {"1.6": "configs/unet/stage2_512.yaml", "1.5": "configs/unet/stage2.yaml"}
_MEMORY_MIB = {"1.6": 24_576, "1.5": 12_288}
_LINKS = ("configs", "latentsync", "scripts")
_CODE = ("latentsync/**/*.py", "latentsync/utils/mask*.png", "scripts/inference.py", "configs/*.json")
_MODELS = ("latentsync_unet.pt", "whisper/tiny.pt")
_VAE = "stabilityai/sd-vae-ft-mse"
_DRIVER = own_file(__file__, "driver.py")

# In MediaPipe's order: left and right brow as they are in the picture, and the nose.
_BROWS = ((70, 63, 105, 66, 107), (336, 296, 334, 293, 300))
_NOSE = (195, 4, 129, 358)


class LatentSync:
    """Stage lipsync: `frames.mkv` (several) and `voice.wav` to `frames_000.mkv` and so on; params as in the stage's
    contract.

    Settings: `python`, `repo`, `checkpoints` (with `latentsync_unet.pt` and `whisper/tiny.pt`), `hub` (the Hugging Face
    cache that holds the codec), `model` (1.6 or 1.5).
    """

    stages: ClassVar[frozenset[str]] = frozenset({"lipsync"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same GPU model and software.
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    notes: ClassVar[Mapping[str, str]] = {
        "lips-without-face": "No face was found in some frames: their lips are the scene's own.",
    }
    overrides: ClassVar[Overrides] = {
        "mode": Choice(
            ("native", "slow"),
            default="native",
            meaning="`native` draws at the film's rate, `slow` at the 25 frames/s of the training, the sound slowed.",
        ),
        "steps": Whole(1, 100, default=20, meaning="Steps of the model's sampler; 20 to 50 are usual."),
        "guidance_scale": Number(1, 3, default=1.5, meaning="How closely the voice is followed."),
        "seed": Whole(0, (1 << 31) - 1, default=1247, meaning="Of the model's noise, the same in each window."),
    }

    def __init__(self) -> None:
        self._program: Any = None  # A `tools.warm.WarmProgram`, and the settings that it was started with.
        self._started_with: Settings | None = None

    def resources(self, settings: Settings) -> Resources:
        return Resources(cpus=2, gpus=1, memory_mib=_MEMORY_MIB[_model(settings)])  # Its code only supports CUDA.

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        python, repo, checkpoints, hub = _installed(settings)
        config = _CONFIGS[_model(settings)]
        packages = environment(python, "torch", "diffusers")
        code = sources(repo, (*_CODE, config))
        models, model_files = hub_models(hub, (_VAE,), digests)
        parts: dict[str, Canonical] = {
            "code": code_digest(repo, code, digests),
            "models": file_digests(checkpoints, _MODELS, digests),
            "hub": models,
            "model": _model(settings),
        }
        watches = [*map(str, code), *(str(checkpoints / name) for name in _MODELS)]
        both_parts = both(packages, Fingerprint(parts, (*watches, *model_files)))
        return both(both_parts, ffmpeg.fingerprint(settings, digests))

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.wav import read_wav
        from episodec.backends.latentsync.drawing import drawn_shares, speaks
        from episodec.timebase import samples_per_frame

        sound, _ = read_wav(order.input("voice.wav"))
        spoken = speaks(sound, samples_per_frame(order.whole("rate")))
        fades = {name: bool(order.params[name]) for name in ("fades_in", "fades_out")}
        shares = drawn_shares(spoken, order.whole("margin"), **fades)
        if not shares.any():
            _hand_on(order)
            return
        window = _Window(order)
        points = _points(window.frames)
        shares = _without_faceless(order, shares, points, window.lead)
        if not shares.any():
            _hand_on(order)
            return
        faces, maps, mask = self._drawn(order, window, points)
        _write(order, window, faces, maps, mask, shares)

    def close(self) -> None:
        """Release the loaded models; they end with this process in any case."""
        if self._program is not None:
            self._program.close()
            self._program = None

    def _drawn(self, order: WorkOrder, window: "_Window", points: Any) -> tuple[Any, Any, Any]:
        """Faces (n, side, side, 3), maps (n, 2, 3) and mask (side, side) of the window with its context.

        Raises:
            BackendError: the program failed, or its outputs are not these.
        """
        import numpy as np

        folder, started = self._folder(order), now_ns()
        options = overrides_of(order, self.overrides)
        whole = np.stack(window.padded(window.frames))
        np.save(folder / "frames.npy", whole)
        np.save(folder / "points.npy", np.stack(window.padded(list(points))))
        is_slow = options["mode"] == "slow"
        request = {
            "folder": str(folder),
            "frames": "frames.npy",
            "points": "points.npy",
            "sound": _sound(order, folder, is_slow=is_slow),
            "skip": order.whole("margin") - window.lead,
            "rate": SLOW_RATE if is_slow else order.whole("rate"),
            "steps": options["steps"],
            "guidance": options["guidance_scale"],
            "seed": options["seed"],
            "out": str(folder),
        }
        self._started(order.settings, folder).ask("draw the lips of a window", request)
        names = ("faces.npy", "maps.npy", "mask.npy")
        faces, maps, mask = (
            np.load(require_fresh_output(folder / name, started, SYSTEM), allow_pickle=False) for name in names
        )
        count, side = len(whole), len(mask)
        shapes = [faces.shape, maps.shape, mask.shape]
        if shapes != [(count, side, side, 3), (count, 2, 3), (side, side)] or not np.isfinite(maps).all():
            facts = {"found": shapes, "frames": count}
            raise BackendError(f"{SYSTEM} drew other faces than it was given", facts=facts)
        return faces, maps, mask

    def _started(self, settings: Settings, folder: Path) -> Any:
        from episodec.tools.warm import WarmProgram

        if self._program is not None and self._program.is_alive and self._started_with == settings:
            return self._program
        self.close()
        python, repo, checkpoints, hub = _installed(settings)
        command = [str(python), str(_DRIVER), _CONFIGS[_model(settings)], str(checkpoints / _MODELS[0])]
        tools = folder / "bin"
        tools.mkdir()
        (tools / "ffmpeg").symlink_to(ffmpeg.program(settings))
        path = f"{tools}:{os.environ.get('PATH', '')}"
        env = {**tool_environment(repo), "HF_HUB_CACHE": str(hub), "PATH": path}
        self._program = WarmProgram(SYSTEM, command, env, folder)
        self._started_with = dict(settings)
        return self._program

    def _folder(self, order: WorkOrder) -> Path:
        """A folder of this run with links to all that its code opens by relative paths; it deletes `temp` there."""
        _, repo, checkpoints, _ = _installed(order.settings)
        folder = run_folder("latentsync")
        for name in _LINKS:
            (folder / name).symlink_to(repo / name)
        (folder / "checkpoints").symlink_to(checkpoints)
        return folder


class _Window:
    """The frames of a window, with those around it that the model looks at."""

    def __init__(self, order: WorkOrder) -> None:
        from episodec.video.frames import frames_of

        self.own = order.whole("frames")
        self.lead = order.whole("context")
        files = list(order.inputs["frames.mkv"])
        before = list(frames_of(files.pop(0))) if order.params["has_before"] else []
        after = list(frames_of(files.pop())) if order.params["has_after"] else []
        middle = [frame for path in files for frame in frames_of(path)]
        if len(middle) != self.own:
            facts = {"found": len(middle), "wanted": self.own}
            raise BackendError("the chunks of a window have the wrong number of frames", facts=facts)
        first = before[-self.lead :] if self.lead else []
        last = after[: self.lead]
        self.frames: list[Any] = [
            *[middle[0]] * (self.lead - len(first)),
            *first,
            *middle,
            *last,
            *[(last or middle)[-1]] * (self.lead - len(last)),
        ]

    def padded(self, rows: Sequence[Any]) -> list[Any]:
        """One row per frame, and the last one repeated until the batches are full."""
        return [*rows, *[rows[-1]] * (-len(rows) % BATCH_FRAMES)]

    def own_frames(self) -> list[Any]:
        """The frames of the window itself."""
        return self.frames[self.lead : self.lead + self.own]


def _points(frames: Sequence[Any]) -> Any:
    """(n, 3, 2): the middles of both brows and of the nose in each frame, in pixels; NaN without a face."""
    import numpy as np

    from episodec.faces.film_face import FilmReader

    parts = (*_BROWS, _NOSE)
    with FilmReader(frames[0].shape[:2], [point for part in parts for point in part]) as reader:
        for frame in frames:
            reader.show(frame)
        landmarks = reader.landmarks()
    edges = np.cumsum([0, *map(len, parts)])
    return np.stack([landmarks[:, start:end].mean(axis=1) for start, end in pairwise(edges)], axis=1)


def _without_faceless(order: WorkOrder, shares: Any, points: Any, lead: int) -> Any:
    """The shares without frames in which no face was found; their points become those of the nearest frame."""
    import numpy as np

    has_face = np.isfinite(points).all(axis=(1, 2))
    if not has_face.any():
        missing = int((shares > 0).sum())
        shares = np.zeros_like(shares)
    else:
        places = np.flatnonzero(has_face)
        nearest = places[np.abs(np.arange(len(has_face))[:, None] - places[None, :]).argmin(axis=1)]
        points[:] = points[nearest]
        is_faceless = ~has_face[lead : lead + len(shares)]
        missing = int((is_faceless & (shares > 0)).sum())
        shares = np.where(is_faceless, 0.0, shares)
    if missing:
        sentence = f"no face was found in {missing} frames: their lips are the scene's own"
        order.note("lips-without-face", sentence, facts={"frames": missing})
    return shares


def _hand_on(order: WorkOrder) -> None:
    """Copy the window's own chunks."""
    for source, target in zip(_own_chunks(order), order.outputs.values(), strict=True):
        shutil.copyfile(source, target)


def _own_chunks(order: WorkOrder) -> list[Path]:
    files = list(order.inputs["frames.mkv"])
    return files[1 if order.params["has_before"] else 0 : -1 if order.params["has_after"] else None]


def _write(order: WorkOrder, window: _Window, faces: Any, maps: Any, mask: Any, shares: Any) -> None:
    """Write the window's chunks: a chunk without drawn lips is copied."""
    from episodec.video.paste import pasted, soft_mask
    from episodec.video.x264 import FrameForm, encode_lossless

    soft, frames, step = soft_mask(mask), window.own_frames(), order.whole("chunk_frames")
    height, width = frames[0].shape[:2]
    form, program = FrameForm(width, height, order.whole("rate")), ffmpeg.program(order.settings)
    for number, (source, target) in enumerate(zip(_own_chunks(order), order.outputs.values(), strict=True)):
        places = range(number * step, min((number + 1) * step, len(frames)))
        if not shares[places.start : places.stop].any():
            shutil.copyfile(source, target)
            continue
        drawn = (
            pasted(frames[place], faces[place + window.lead], soft, maps[place + window.lead], float(shares[place]))
            for place in places
        )
        encode_lossless(drawn, form, target, program)


def _sound(order: WorkOrder, folder: Path, *, is_slow: bool) -> str:
    """The name of the window's sound in the folder, slowed where the model draws at its own rate."""
    from episodec.tools.process import run_tool

    shutil.copyfile(order.input("voice.wav"), folder / "voice.wav")
    rate = order.whole("rate")
    if not is_slow or rate == SLOW_RATE:
        return "voice.wav"
    program = ffmpeg.program(order.settings)
    tempo = f"atempo={SLOW_RATE / rate!r}"
    if rate > 2 * SLOW_RATE:  # The filter halves a tempo at most.
        tempo = f"atempo=0.5,atempo={2 * SLOW_RATE / rate!r}"
    # It ends some milliseconds early, and the model wants features of the very last frame.
    run_tool([program, *ffmpeg.QUIET, "-i", "voice.wav", "-af", f"{tempo},apad=pad_dur=0.1", "slow.wav"], cwd=folder)
    return "slow.wav"


def _installed(settings: Settings) -> tuple[Path, Path, Path, Path]:
    """The interpreter, the source tree, the folder of weights and the Hugging Face cache."""
    python, repo = python_and_repo(settings, SYSTEM)
    checkpoints = path_setting(settings, "checkpoints", f"the folder of {SYSTEM}'s weights", folder=True)
    return python, repo, checkpoints, hub_setting(settings, "the codec sd-vae-ft-mse")


def _model(settings: Settings) -> str:
    model = settings.get("model", "1.6").strip()
    if model not in _CONFIGS:
        raise SettingsError("the setting `model` names no version", facts={"found": model, "there are": "1.6, 1.5"})
    return model
