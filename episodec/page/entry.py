"""An episode's entry on the index page: one self-contained <article> that works without JavaScript.

Its links are relative to the folder of the index page. The page sorts by the attributes in its first line.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from episodec.page.html import attribute, element, link, rows, single, text
from episodec.page.links import file_words
from episodec.page.told import Fidelity, Sentence, Told, facts, scene_facts, terms
from episodec.timebase import SAMPLE_RATE

SCENE_PICTURES = ("turntable", "fidelity", "training")
"""Pictures of a trained scene, in the order shown."""

_HEAD = re.compile(r'<article class="episode" id="([^"]*)" lang="([^"]*)" data-series="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Head:
    """The facts about an entry that the index page needs."""

    name: str
    language: str
    series: str


def head(entry: str) -> Head | None:
    """The facts in the first line of an entry; None if the text is not an entry."""
    found = _HEAD.match(entry)
    return None if found is None else Head(*map(unescape, found.groups()))


def entry(told: Told, captions: str | None, check: Mapping[str, Any] | None, notes: Sequence[Any] = ()) -> str:
    """The article of an episode.

    `captions`: WebVTT, embedded in the page, because browsers do not load track files beside a local page. `check`: the
    content of check.json. `notes`: pairs of a stage and its note, as `engine.notes.notes_text` writes them.
    """
    name, language = told.text("name"), told.text("language")
    start = f'<article class="episode"{attribute("id", name)}{attribute("lang", language)}'
    start += f"{attribute('data-series', told.text('series'))}{attribute('aria-labelledby', f'{name}-title')}>"
    parts = [
        start,
        element("div", _player(told, captions), class_="player"),
        element("div", *_words(told), class_="words"),
        element("div", *_below(told, check), *_notes(told, notes), class_="below"),
        "</article>",
    ]
    return "\n".join(parts) + "\n"


def _player(told: Told, captions: str | None) -> str:
    video, audio, poster = (told.file(kind) for kind in ("video", "audio", "poster"))
    source = video or audio
    if source is None:
        return ""
    inner = [single("source", src=source, type_="video/mp4" if video else "audio/mp4")]
    if captions is not None:
        url = f"data:text/vtt;base64,{b64encode(captions.encode()).decode()}"
        language = told.text("language")
        inner.append(single("track", kind="captions", srclang=language, label=language, src=url))
    inner.append(link(source, text(source.rpartition("/")[2])))
    if not video:
        return element("audio", *inner, controls="", preload="none")
    width, height = told.params.get("size") or (None, None)
    shape: dict[str, object | None] = {"poster": poster, "width": width, "height": height}
    # Of thousands of posters, only those near the window are loaded.
    return element("video", *inner, controls="", playsinline="", preload="none", loading="lazy", **shape)


def _words(told: Told) -> Iterator[str]:
    """The heading, description, tags and transcript."""
    name, labels = told.text("name"), told.labels
    length = clock(int(told.params["frames"]) * SAMPLE_RATE // int(told.params["rate"]))
    yield element("p", text(f"{told.heading()} · {length}"), class_="where")
    yield element("h2", link(f"#{name}", text(told.text("title"))), id=f"{name}-title")
    for part in re.split(r"\n\s*\n", told.text("description")):
        if part.strip():
            yield element("p", text(" ".join(part.split())), class_="description")
    if tags := told.params["tags"]:
        yield element("ul", *(element("li", text(tag)) for tag in tags), class_="tags", aria_label=labels.tags)
    source = told.file("video") or told.file("audio")
    if told.narration.sentences and source:
        about = element("small", text(labels.about.format(seconds=round(told.narration.seconds))))
        yield element("h3", text(labels.says), " ", about)
        yield element("ol", *(_sentence(one, source) for one in told.narration.sentences), class_="transcript")


def _sentence(one: Sentence, source: str) -> str:
    """A sentence that links to its moment: the page's script seeks, and without it a media fragment does."""
    at = f"{one.start / SAMPLE_RATE:.3f}"
    time = element("time", text(clock(one.start)))
    return element("li", link(f"{source}#t={at}", time, element("span", text(one.text)), data_at=at))


def _below(told: Told, check: Mapping[str, Any] | None) -> Iterator[str]:
    """The details that readers unfold."""
    labels = told.labels
    for kind, title in (("plan_picture", labels.plan), ("sheet", labels.sheet)):
        if path := told.file(kind):
            yield _unfolded(title, "", _picture(path, file_words(labels, kind)))
    if told.scene is not None:
        yield _scene(told, told.scene)
    chart = told.file("chart")
    if check is not None and chart:
        told_briefly = _verdict_of_all(told, check["gates"])
        yield _unfolded(labels.checks, told_briefly, _checks(told, check), _picture(chart, labels.chart))
    backends = ", ".join(f"{stage}: {name}" for stage, name in told.params["backends"])
    yield _unfolded(labels.facts, "", element("div", rows([*facts(told), (labels.made_by, backends)]), class_="wide"))
    yield _unfolded(labels.files, "", element("ul", *_files(told), class_="files"))
    if told.text("disclosure"):
        yield element("p", text(told.text("disclosure")), class_="disclosure")
    if said := list(terms(told)):
        yield element("p", text("; ".join(f"{name}: {what}" for name, what in said)), class_="disclosure")


def _notes(told: Told, notes: Sequence[Any]) -> Iterator[str]:
    """The notes about results that differ from the spec, without those that it allows. In English, like all notes."""
    allowed = set(told.params.get("allow", ()))
    shown = [(str(stage), note) for stage, note in notes if note["code"] not in allowed]
    if shown:
        items = (element("li", text(f"{stage}: {note['sentence']}"), data_code=note["code"]) for stage, note in shown)
        yield _unfolded(told.labels.notes, text(str(len(shown))), element("ul", *items, class_="notes", lang="en"))


def _scene(told: Told, scene: Fidelity) -> str:
    """A trained scene: its turntable, its measurements, pictures compared with its training data, and the
    training chart.
    """
    labels = told.labels
    measured = list(scene_facts(scene, labels))
    tested = [f"{name}: {value}" for name, value in measured if name == labels.psnr_test]
    shown = {kind: _picture(path, file_words(labels, kind)) for kind, path in told.files() if kind in SCENE_PICTURES}
    turning, *others = (shown.get(kind, "") for kind in SCENE_PICTURES)
    table = element("div", rows(measured), class_="wide")
    return _unfolded(labels.scene, text("".join(tested)), element("div", turning, table, class_="scene"), *others)


def _unfolded(title: str, brief: str, *inner: str) -> str:
    short = f" {element('small', brief)}" if brief else ""
    return element("details", element("summary", text(title[:1].upper() + title[1:]), short), *inner)


def _picture(path: str, alt: str) -> str:
    return link(path, single("img", src=path, alt=alt, loading="lazy", decoding="async"), class_="picture")


def _files(told: Told) -> Iterator[str]:
    for kind, path in told.files():
        words = file_words(told.labels, kind)
        yield element("li", link(path, text(path)), f" {text(words)}" if words else "")


def _verdict_of_all(told: Told, gates: Sequence[Mapping[str, Any]]) -> str:
    labels, failed = told.labels, sum(gate["verdict"] == "failed" for gate in gates)
    if not gates:
        return text(labels.no_gates)
    if failed:
        return element("span", text(labels.some_failed.format(failed=failed, count=len(gates))), class_="failed")
    if any(gate["verdict"] != "passed" for gate in gates):
        return text(labels.not_measured)
    return element("span", text(labels.all_passed.format(count=len(gates))), class_="passed")


def _checks(told: Told, check: Mapping[str, Any]) -> str:
    """Every measurement with its range, and the limits and verdict of those with a gate."""
    labels, gates = told.labels, {gate["name"]: gate for gate in check["gates"]}
    titles = (labels.measurement, labels.measured, labels.wanted, labels.verdict)[: 4 if gates else 2]
    lines = [element("tr", *(element("th", text(one), scope="col") for one in titles))]
    for name, reading in check["measurements"].items():
        gate = gates.get(name)
        if reading is None and gate is None:
            continue
        ends = [] if reading is None else [f"{float(reading[one]):g}" for one in ("least", "most")]
        measured = labels.not_measured if not ends else ends[0] if ends[0] == ends[1] else "–".join(ends)
        cells = [text(measured)]
        cells += [text(_limits(told, gate)), "" if gate is None else _verdict(told, gate)] if gates else []
        lines.append(element("tr", element("th", text(name), scope="row"), *(element("td", one) for one in cells)))
    return element("div", element("table", *lines), class_="wide")


def _limits(told: Told, gate: Mapping[str, Any] | None) -> str:
    ends = {} if gate is None else {"least": gate["min"], "most": gate["max"]}
    told_ends = {"least": told.labels.least, "most": told.labels.most}
    return ", ".join(told_ends[end].format(**{end: f"{value:g}"}) for end, value in ends.items() if value is not None)


def _verdict(told: Told, gate: Mapping[str, Any]) -> str:
    labels, is_warning = told.labels, gate["severity"] == "warn"
    words = {
        "passed": ("passed", labels.passed),
        "failed": ("warned", labels.warned) if is_warning else ("failed", labels.failed),
        "not measured": ("", labels.not_measured),
    }
    kind, said = words[gate["verdict"]]
    return element("span", text(said), class_=kind or None)


def clock(samples: int) -> str:
    """`1:05`: minutes and seconds, rounded down."""
    seconds = samples // SAMPLE_RATE
    return f"{seconds // 60}:{seconds % 60:02}"
