"""The viewer's page: a packed scene, its sound, its script and its style in one file that needs nothing else."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from episodec.ownfile import own_file
from episodec.page.html import element, rows, single, text
from episodec.page.shell import asset, page_head
from episodec.page.summary import EpisodeSummary, decimal, facts, scene_facts, short, terms
from episodec.page.viewer.head import ViewerHead, head_line
from episodec.page.viewer.labels import ViewerLabels, viewer_labels

_STYLE = own_file(__file__, "viewer.css")
_SCRIPTS = (
    own_file(__file__, "reader.js"),
    own_file(__file__, "pose.js"),
    own_file(__file__, "shaders.js"),
    own_file(__file__, "draw.js"),
    own_file(__file__, "camera.js"),
    own_file(__file__, "viewer.js"),
)
_LOADS = "media-src data:"  # The sound; the pack is text of the page.


@dataclass(frozen=True, slots=True)
class ViewerContent:
    """The content of a viewer's page.

    Attributes:
        summary: the facts of the episode.
        pack: the packed scene, docs/viewer-pack.md.
        size: width and height of the film, in pixels.
        gaussians, slices, moved: numbers of Gaussians, of slices, and of the Gaussians that move with the face.
        sound: the film's sound, AAC in MP4; None for a silent one.
    """

    summary: EpisodeSummary
    pack: bytes
    size: tuple[int, int]
    gaussians: int
    slices: int
    moved: int
    sound: bytes | None


def viewer_page(content: ViewerContent) -> str:
    """The page."""
    summary, words = content.summary, viewer_labels(content.summary.text("language"))
    width, height = content.size
    style = f"\n:root {{ --aspect: {width / height:.6f}; }}\n{asset(_STYLE)}"
    script = "\n" + "\n".join(asset(each).removeprefix('"use strict";\n') for each in _SCRIPTS)
    script = f'\n"use strict";{script}'
    title = summary.text("title")
    head = ViewerHead(str(summary.params["character"]["name"]), summary.text("season"), int(summary.params["number"]))
    packed = b64encode(content.pack).decode()
    parts = [
        "<!doctype html>",
        head_line(summary.text("language"), head),
        page_head(f"{title} · {summary.heading()}", style, script, _LOADS),
        "<body>",
        element("header", element("p", text(summary.heading())), element("h1", text(title)), class_="top"),
        element("main", _stage(content, words), _bar(content, words)),
        _below(content, words),
        f'<script type="application/octet-stream" id="pack">{packed}</script>',
        f"<script>{script}</script>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _stage(content: ViewerContent, words: ViewerLabels) -> str:
    width, height = content.size
    label = f"{content.summary.text('title')}: {content.summary.labels.viewer}"
    canvas = element("canvas", id="view", width=width, height=height, tabindex="0", role="img", aria_label=label)
    caption = element("p", id="caption", hidden="")
    note = element("p", id="note", role="status", hidden="")
    return element("div", canvas, caption, note, element("noscript", text(words.needs_script)), class_="stage")


def _bar(content: ViewerContent, words: ViewerLabels) -> str:
    frames = int(content.summary.params["frames"])
    play = element("button", text(words.play), id="play", data_play=words.play, data_stop=words.stop, disabled="")
    slider = {"min": 0, "max": frames - 1, "step": 1, "value": 0, "aria_label": words.timeline}
    time = single("input", type="range", id="time", disabled="", **slider)
    parts = [play, time, element("output", id="clock")]
    if content.sound is not None:
        source = f"data:audio/mp4;base64,{b64encode(content.sound).decode()}"
        parts.append(element("button", text(words.mute), id="mute", aria_pressed="false", disabled=""))
        parts.append(element("audio", id="sound", preload="auto", src=source))
    parts.append(element("button", text(words.own_camera), id="camera", aria_pressed="false", disabled=""))
    return element("div", *parts, class_="bar")


def _below(content: ViewerContent, words: ViewerLabels) -> str:
    summary = content.summary
    keys = (
        ("Space", words.key_play),
        (", .", words.key_frame),
        ("← → ↑ ↓", words.key_orbit),
        ("+ −", words.key_dolly),
        ("C", words.key_camera),
        ("M", words.key_mute),
    )
    parts = [
        _unfolded(words.keys_title, rows(keys)),
        _unfolded(summary.labels.scene, rows(_scene(content, words))),
        _unfolded(summary.labels.facts, rows([*facts(summary), *terms(summary)])),
    ]
    if summary.text("disclosure"):
        parts.append(element("p", text(summary.text("disclosure"))))
    return element("footer", *parts)


def _unfolded(title: str, *inner: str) -> str:
    return element("details", element("summary", text(title)), element("div", *inner, class_="wide"))


def _scene(content: ViewerContent, words: ViewerLabels) -> Iterator[tuple[str, str]]:
    """The scene's numbers and its sources."""
    summary, labels = content.summary, content.summary.labels
    if summary.scene is None:
        yield labels.gaussians, f"{content.gaussians:,}".replace(",", "\N{NO-BREAK SPACE}")
    else:
        yield from scene_facts(summary.scene, labels)
    yield words.slices, str(content.slices)
    yield words.moved, f"{content.moved:,}".replace(",", "\N{NO-BREAK SPACE}")
    yield words.pack, words.megabytes.format(value=decimal(Fraction(round(len(content.pack) / 1e4), 100)))
    origin = [f"{stage}: {name}" for stage, name in summary.params["backends"] if stage in _MAKING]
    if portrait := summary.params["character"].get("portrait"):
        origin.insert(0, f"{labels.portrait} {short(str(portrait))}")
    yield words.origin, ", ".join(origin)


_MAKING = ("views", "motion", "refine", "dataset", "train", "scene", "rig")
"""The stages that make a scene, in the order of the data flow."""
