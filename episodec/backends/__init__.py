"""The tools, one file each, and the register of their names. They see orders, not episodes, and know no other tool.

A new backend is a file here and a line in `BUILTIN`; other people's packages join through the entry-point group
`episodec.backends`. Heavy imports stand inside a backend's `run`.
"""

import importlib
from collections.abc import Iterable

from episodec.engine.protocols import Backend
from episodec.errors import BackendError

BUILTIN = {
    "4dgaussians": "episodec.backends.four_d_gaussians.backend:FourDGaussians",
    "4dgs-checkpoint": "episodec.backends.checkpoint_4dgs:Checkpoint4dgs",
    "aac": "episodec.backends.aac:Aac",
    "captions": "episodec.backends.captions:CaptionsBackend",
    "check": "episodec.backends.check:Check",
    "concat": "episodec.backends.concat:Concat",
    "crossfade": "episodec.backends.crossfade:Crossfade",
    "dnerf": "episodec.backends.dnerf:Dnerf",
    "entry": "episodec.backends.entry:Entry",
    "espeak": "episodec.backends.espeak.backend:EspeakBackend",
    "file": "episodec.backends.file:FileBackend",
    "fish-speech": "episodec.backends.fish_speech.backend:FishSpeechBackend",
    "flux-img2img": "episodec.backends.flux.backend:FluxImg2Img",
    "hybrid": "episodec.backends.hybrid:Hybrid",
    "hunyuan-foley": "episodec.backends.hunyuan_foley.backend:HunyuanFoley",
    "hunyuan3d": "episodec.backends.hunyuan3d.backend:Hunyuan3D",
    "images": "episodec.backends.images:Images",
    "join": "episodec.backends.join:JoinBackend",
    "mesh": "episodec.backends.mesh:Mesh",
    "mix": "episodec.backends.mix:Mix",
    "mux": "episodec.backends.mux:Mux",
    "plan": "episodec.backends.plan:PlanBackend",
    "plan-picture": "episodec.backends.plan_picture:PlanPicture",
    "ply": "episodec.backends.ply:Ply",
    "post": "episodec.backends.post:Post",
    "procedural": "episodec.backends.procedural:Procedural",
    "pulid": "episodec.backends.pulid.backend:PulidBackend",
    "rasterise": "episodec.backends.rasterise:Rasterise",
    "relief": "episodec.backends.relief:Relief",
    "scene-check": "episodec.backends.scene_check:SceneCheck",
    "sharp": "episodec.backends.sharp.backend:Sharp",
    "stable-audio": "episodec.backends.stable_audio.backend:StableAudio",
    "stills": "episodec.backends.stills:Stills",
    "sway": "episodec.backends.sway:Sway",
    "video": "episodec.backends.video:Video",
    "wan": "episodec.backends.wan.backend:WanBackend",
    "wan-generate": "episodec.backends.wan.generate:WanGenerate",
    "x264": "episodec.backends.x264:X264",
}

GROUP = "episodec.backends"


def registry() -> dict[str, str]:
    """Every backend's target, `module:Class`, by its name: ours, then those of installed packages.

    Raises:
        BackendError: two packages offer different backends of one name.
    """
    from importlib.metadata import entry_points  # Reads every installed package's metadata: milliseconds each.

    found = dict(BUILTIN)
    for point in entry_points(group=GROUP):
        if found.setdefault(point.name, point.value) != point.value:
            facts = {"name": point.name, "one": found[point.name], "other": point.value}
            hint = "uninstall one of the two packages"
            raise BackendError("two installed packages offer a backend of the same name", facts=facts, hint=hint)
    return found


def targets(names: Iterable[str]) -> dict[str, str]:
    """The targets of these backends by name; installed packages are looked at only for a name that is not ours.

    Raises:
        BackendError: there is no backend of a name, or two packages offer it.
    """
    wanted = list(dict.fromkeys(names))
    offered = BUILTIN if all(name in BUILTIN for name in wanted) else registry()
    for name in wanted:
        if name not in offered:
            facts = {"name": name, "there are": ", ".join(sorted(offered))}
            raise BackendError("there is no backend of this name", facts=facts)
    return {name: offered[name] for name in wanted}


def load(target: str) -> Backend:
    """A new instance of the backend at `module:Class`.

    Raises:
        BackendError: it cannot be imported or made, or is not a backend; the package is named.
    """
    module, _, name = target.partition(":")
    facts = {"target": target, "package": module.partition(".")[0]}
    try:
        found = getattr(importlib.import_module(module), name)
        backend = found()
    except Exception as error:  # A stranger's module may raise anything while it is imported.
        import traceback

        traceback.print_exc()
        facts["error"] = f"{type(error).__name__}: {error}"
        hint = None if target in BUILTIN.values() else "mend or uninstall that package"
        raise BackendError("a backend cannot be loaded", facts=facts, hint=hint) from error
    missing = _missing(backend)
    if missing:
        facts["wrong"] = ", ".join(missing)
        raise BackendError("this class is not a backend", facts=facts, hint="see Backend in episodec.engine.protocols")
    return backend  # type: ignore[no-any-return]  # Checked above, as far as values can tell.


def accepts(backend: Backend, stage: str) -> bool:
    """Whether the backend can do this stage."""
    return stage in backend.stages


def _missing(backend: object) -> list[str]:
    """What of the protocol this object lacks."""
    stages = getattr(backend, "stages", None)
    names = stages if isinstance(stages, frozenset) else ()
    claims = {
        "stages (a frozenset of names)": bool(names) and all(isinstance(name, str) for name in names),
        "deterministic (a bool)": isinstance(getattr(backend, "deterministic", None), bool),
        "fingerprint()": callable(getattr(backend, "fingerprint", None)),
        "run()": callable(getattr(backend, "run", None)),
    }
    return [name for name, holds in claims.items() if not holds]
