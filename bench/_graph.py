"""The graph that is measured: twelve actions an episode and nine deliverables, the manifest among them.

One table says it for all: `lower` reads it for episodec, `_peers` for ninja and GNU make. The work is next to nothing,
since what is measured is everything around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from episodec.engine.action import Action, Deliverable, Input
from episodec.spec.structure import plain
from episodec.stages.lowering import Lowered, Lowering, action_id

BACKENDS = {"copy": "bench._copy:Copy"}


@dataclass(frozen=True, slots=True)
class Step:
    """One action of every episode. All read the words of the spec, so one changed sentence makes all of them again."""

    name: str
    outputs: Mapping[str, str]  # By name; under which pattern in dist/, or "" for what stays inside.
    needs: tuple[str, ...] = ()  # Other steps, all of their outputs.
    shared: tuple[str, ...] = ()  # Of "portrait" and "tokens".


STEPS = (
    Step("sentence-1", {"sentence-1.wav": ""}, shared=("tokens",)),
    Step("sentence-2", {"sentence-2.wav": ""}, shared=("tokens",)),
    Step("voice", {"voice.wav": "static/audio/{}_voice.wav"}, ("sentence-1", "sentence-2")),
    Step("foley", {"foley.wav": ""}),
    Step("scene", {"scene.npz": ""}, shared=("portrait",)),
    Step("render-1", {"render-1.mp4": ""}, ("scene",)),
    Step("render-2", {"render-2.mp4": ""}, ("scene",)),
    Step("lip-sync", {"lip-sync.mp4": ""}, ("render-1", "render-2", "voice")),
    Step("mix", {"mix.wav": ""}, ("voice", "foley")),
    Step("captions", {"captions.vtt": "captions/{}.vtt", "captions.srt": "captions/{}.srt"}, ("voice",)),
    Step("plan", {"plan.json": "plan/{}.json"}),
    Step(
        "mux",
        {
            "video.mp4": "video/{}.mp4",
            "poster.png": "static/images/{}.png",
            "sheet.png": "static/images/{}_sheet.png",
            "post.md": "post/{}.md",
        },
        ("lip-sync", "mix", "captions", "plan"),
    ),
)

MANIFEST = "manifest/{}.json"  # The ninth deliverable: episodec writes it by itself, for the peers it is one of mux.


def lower(at: Lowering) -> Lowered:
    """The episode's twelve actions. `episodec.project.loading.Lower`."""
    words = {"voice": plain(at.episode.voice), "foley": plain(at.episode.foley), "number": at.episode.number}
    sources = {"portrait": at.portrait, "tokens": at.tokens}
    built: dict[str, Action] = {}
    deliverables: list[Deliverable] = []
    for step in STEPS:
        inputs: dict[str, tuple[Input, ...]] = {
            name: tuple(built[name].artifact(output) for output in built[name].outputs) for name in step.needs
        }
        inputs |= {name: (actual,) for name in step.shared if (actual := sources[name]) is not None}
        action = Action(
            id=action_id(at.episode, step.name),
            stage=step.name,
            backend="copy",
            outputs=tuple(step.outputs),
            params=words,
            inputs=inputs,
        )
        built[step.name] = action
        deliverables += [
            Deliverable(place.format(at.episode.name), action.artifact(name))
            for name, place in step.outputs.items()
            if place
        ]
    return Lowered(tuple(built.values()), tuple(deliverables))
