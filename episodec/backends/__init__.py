"""The backends, one file or package each, and the register of their names. They see orders, never episodes, and none
knows another.

A system that is not ours is a package: backend, driver program, installation check and dialect. A new backend is a file
or package here and a line in `BUILTIN`; other people's packages join through the entry-point group `episodec.backends`.
Heavy imports stand inside a backend's `run`.
"""

from collections.abc import Iterable

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
