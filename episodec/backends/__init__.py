"""The backends, one file or package each, and the registry of their names. They see orders, never episodes, and do not
know each other.

A foreign system has a package: backend, driver program, installation check and dialect. A new backend is a file or
package here and a line in `BUILTIN`; other packages register in the entry point group `episodec.backends`. Heavy
imports are inside a backend's `run`.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from episodec.errors import BackendError

BUILTIN = {
    "4dgaussians": "episodec.backends.four_d_gaussians.backend:FourDGaussians",
    "4dgs-checkpoint": "episodec.backends.checkpoint_4dgs:Checkpoint4dgs",
    "aac": "episodec.backends.aac:Aac",
    "align": "episodec.backends.espeak.align:AlignBackend",
    "captions": "episodec.backends.captions:CaptionsBackend",
    "capture": "episodec.backends.capture:CaptureBackend",
    "check": "episodec.backends.check:CheckBackend",
    "concat": "episodec.backends.concat:Concat",
    "crossfade": "episodec.backends.crossfade:Crossfade",
    "dnerf": "episodec.backends.dnerf:Dnerf",
    "entry": "episodec.backends.entry:EntryBackend",
    "espeak": "episodec.backends.espeak.backend:EspeakBackend",
    "file": "episodec.backends.file:FileBackend",
    "fish-speech": "episodec.backends.fish_speech.backend:FishSpeechBackend",
    "flux-img2img": "episodec.backends.flux.backend:FluxImg2Img",
    "hybrid": "episodec.backends.hybrid:Hybrid",
    "hunyuan-foley": "episodec.backends.hunyuan_foley.backend:HunyuanFoley",
    "hunyuan3d": "episodec.backends.hunyuan3d.backend:Hunyuan3D",
    "images": "episodec.backends.images:Images",
    "join": "episodec.backends.join:JoinBackend",
    "latentsync": "episodec.backends.latentsync.backend:LatentSync",
    "lip-voice": "episodec.backends.lip_voice:LipVoice",
    "mesh": "episodec.backends.mesh:Mesh",
    "mix": "episodec.backends.mix:MixBackend",
    "mux": "episodec.backends.mux:Mux",
    "performance": "episodec.backends.performance:PerformanceBackend",
    "piper": "episodec.backends.piper.backend:PiperBackend",
    "plan": "episodec.backends.plan:PlanBackend",
    "plan-picture": "episodec.backends.plan_picture:PlanPicture",
    "overlay": "episodec.backends.overlay:OverlayBackend",
    "ply": "episodec.backends.ply:Ply",
    "post": "episodec.backends.post:Post",
    "procedural": "episodec.backends.procedural:Procedural",
    "pulid": "episodec.backends.pulid.backend:PulidBackend",
    "rasterise": "episodec.backends.rasterise:Rasterise",
    "rig": "episodec.backends.rig:RigBackend",
    "relief": "episodec.backends.relief:Relief",
    "scene-check": "episodec.backends.scene_check:SceneCheck",
    "sharp": "episodec.backends.sharp.backend:Sharp",
    "stable-audio": "episodec.backends.stable_audio.backend:StableAudio",
    "stills": "episodec.backends.stills:StillsBackend",
    "sway": "episodec.backends.sway:Sway",
    "video": "episodec.backends.video:VideoBackend",
    "viewer": "episodec.backends.viewer:ViewerBackend",
    "wan": "episodec.backends.wan.backend:WanBackend",
    "wan-generate": "episodec.backends.wan.generate:WanGenerate",
    "x264": "episodec.backends.x264:X264",
}

GROUP = "episodec.backends"


@dataclass(frozen=True, slots=True)
class Offer:
    """A backend provided by a package."""

    package: str
    target: str  # `module:Class`.


def offers() -> dict[str, list[Offer]]:
    """The offers for each backend name: built-in ones, then those of installed packages. A name has several only if
    their targets differ; `target_of` refuses it. Of distributions with the same name, the first on the path counts.
    """
    by_name = {name: [Offer("episodec", target)] for name, target in BUILTIN.items()}
    packages: set[str] = set()
    for folder in dict.fromkeys(sys.path):
        for info in _metadata_folders(folder or "."):
            package = info.partition("-")[0].removesuffix(".egg").replace("_", "-").lower()
            if package in packages:
                continue
            packages.add(package)
            for name, target in _entries(Path(folder, info, "entry_points.txt")):
                others = by_name.setdefault(name, [])
                if all(one.target != target for one in others):
                    others.append(Offer(package, target))
    return by_name


def target_of(offered: Mapping[str, Sequence[Offer]], name: str) -> str:
    """The only target of a name.

    Raises:
        KeyError: there is no backend of this name.
        BackendError: several packages offer one.
    """
    rows = offered[name]
    if len(rows) > 1:
        offerers = ", ".join(f"{one.package} ({one.target})" for one in rows)
        strangers = " or ".join(one.package for one in rows if one.package != "episodec")
        facts = {"backend": name, "offered by": offerers}
        hint = f"uninstall {strangers}, or rename the backend in its package"
        raise BackendError("several installed packages offer a backend of this name", facts=facts, hint=hint)
    return rows[0].target


def registry() -> dict[str, str]:
    """The target, `module:Class`, of every backend name. A name that several packages offer has the first target here;
    `target_of` refuses its use.
    """
    return {name: rows[0].target for name, rows in offers().items()}


def targets(names: Iterable[str]) -> dict[str, str]:
    """The targets of these backends by name.

    Raises:
        BackendError: a name has no backend, or several.
    """
    offered = offers()
    unique = list(dict.fromkeys(names))
    for name in unique:
        if name not in offered:
            facts = {"name": name, "there are": ", ".join(sorted(offered))}
            raise BackendError("there is no backend of this name", facts=facts)
    return {name: target_of(offered, name) for name in unique}


def _metadata_folders(folder: str) -> list[str]:
    """The metadata folders of all distributions in a folder, except those that pip has partly removed."""
    try:
        names = [one.name for one in Path(folder).iterdir()]
    except OSError:
        return []
    return sorted(name for name in names if name.endswith((".dist-info", ".egg-info")) and not name.startswith("~"))


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """The backends in an entry_points.txt, with their targets."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return
    section = ""
    for line in map(str.strip, text.splitlines() if GROUP in text else ()):
        if line.startswith("["):
            section = line.strip("[]")
        elif section == GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, target = line.partition("=")
            yield name.strip(), target.strip()
