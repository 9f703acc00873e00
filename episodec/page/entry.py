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
from episodec.page.summary import EpisodeSummary, SceneFidelity, SpokenSentence, facts, scene_facts, terms
from episodec.timebase import SAMPLE_RATE

SCENE_PICTURES = ("turntable", "fidelity", "training")
"""Pictures of a trained scene, in the order shown."""

_HEAD = re.compile(r'<article class="episode" id="([^"]*)" lang="([^"]*)" data-series="([^"]*)"')


@dataclass(frozen=True, slots=True)
class EntryHead:
    """The facts about an entry that the index page needs."""

    name: str
    language: str
    series: str


def head(entry: str) -> EntryHead | None:
    """The facts in the first line of an entry; None if the text is not an entry."""
    match = _HEAD.match(entry)
    return None if match is None else EntryHead(*map(unescape, match.groups()))


def entry(
    summary: EpisodeSummary, captions: str | None, check: Mapping[str, Any] | None, notes: Sequence[Any] = ()
) -> str:
    """The article of an episode.

    `captions`: WebVTT, embedded in the page, because browsers do not load track files beside a local page. `check`: the
    content of check.json. `notes`: pairs of a stage and its note, as `engine.notes.notes_text` writes them.
    """
    name, language = summary.text("name"), summary.text("language")
    start = f'<article class="episode"{attribute("id", name)}{attribute("lang", language)}'
    start += f"{attribute('data-series', summary.text('series'))}{attribute('aria-labelledby', f'{name}-title')}>"
    parts = [
        start,
        element("div", _player(summary, captions), class_="player"),
        element("div", *_words(summary), class_="words"),
        element("div", *_below(summary, check), *_notes(summary, notes), class_="below"),
        "</article>",
    ]
    return "\n".join(parts) + "\n"


def _player(summary: EpisodeSummary, captions: str | None) -> str:
    video, audio, poster = (summary.file(kind) for kind in ("video", "audio", "poster"))
    source = video or audio
    if source is None:
        return ""
    inner = [single("source", src=source, type_="video/mp4" if video else "audio/mp4")]
    if captions is not None:
        url = f"data:text/vtt;base64,{b64encode(captions.encode()).decode()}"
        language = summary.text("language")
        inner.append(single("track", kind="captions", srclang=language, label=language, src=url))
    inner.append(link(source, text(source.rpartition("/")[2])))
    if not video:
        return element("audio", *inner, controls="", preload="none")
    width, height = summary.params.get("size") or (None, None)
    shape: dict[str, object | None] = {"poster": poster, "width": width, "height": height}
    # Of thousands of posters, only those near the window are loaded.
    return element("video", *inner, controls="", playsinline="", preload="none", loading="lazy", **shape)


def _words(summary: EpisodeSummary) -> Iterator[str]:
    """The heading, description, tags and transcript."""
    name, labels = summary.text("name"), summary.labels
    length = clock(int(summary.params["frames"]) * SAMPLE_RATE // int(summary.params["rate"]))
    yield element("p", text(f"{summary.heading()} · {length}"), class_="where")
    yield element("h2", link(f"#{name}", text(summary.text("title"))), id=f"{name}-title")
    for part in re.split(r"\n\s*\n", summary.text("description")):
        if part.strip():
            yield element("p", text(" ".join(part.split())), class_="description")
    if tags := summary.params["tags"]:
        yield element("ul", *(element("li", text(tag)) for tag in tags), class_="tags", aria_label=labels.tags)
    source = summary.file("video") or summary.file("audio")
    if summary.narration.sentences and source:
        about = element("small", text(labels.about.format(seconds=round(summary.narration.seconds))))
        yield element("h3", text(labels.says), " ", about)
        yield element("ol", *(_sentence(one, source) for one in summary.narration.sentences), class_="transcript")


def _sentence(sentence: SpokenSentence, source: str) -> str:
    """A sentence that links to its moment: the page's script seeks, and without it a media fragment does."""
    at = f"{sentence.start / SAMPLE_RATE:.3f}"
    time = element("time", text(clock(sentence.start)))
    return element("li", link(f"{source}#t={at}", time, element("span", text(sentence.text)), data_at=at))


def _below(summary: EpisodeSummary, check: Mapping[str, Any] | None) -> Iterator[str]:
    """The details that readers unfold."""
    labels = summary.labels
    for kind, title in (("plan_picture", labels.plan), ("sheet", labels.sheet)):
        if path := summary.file(kind):
            yield _unfolded(title, "", _picture(path, file_words(labels, kind)))
    if summary.scene is not None:
        yield _scene(summary, summary.scene)
    chart = summary.file("chart")
    if check is not None and chart:
        told_briefly = _verdict_of_all(summary, check["gates"])
        yield _unfolded(labels.checks, told_briefly, _checks(summary, check), _picture(chart, labels.chart))
    backends = ", ".join(f"{stage}: {name}" for stage, name in summary.params["backends"])
    yield _unfolded(
        labels.facts, "", element("div", rows([*facts(summary), (labels.made_by, backends)]), class_="wide")
    )
    yield _unfolded(labels.files, "", element("ul", *_files(summary), class_="files"))
    if summary.text("disclosure"):
        yield element("p", text(summary.text("disclosure")), class_="disclosure")
    if term_rows := list(terms(summary)):
        yield element("p", text("; ".join(f"{name}: {what}" for name, what in term_rows)), class_="disclosure")


def _notes(summary: EpisodeSummary, notes: Sequence[Any]) -> Iterator[str]:
    """The notes about results that differ from the spec, without those that it allows. In English, like all notes."""
    allowed = set(summary.params.get("allow", ()))
    visible = [(str(stage), note) for stage, note in notes if note["code"] not in allowed]
    if visible:
        items = (element("li", text(f"{stage}: {note['sentence']}"), data_code=note["code"]) for stage, note in visible)
        yield _unfolded(summary.labels.notes, text(str(len(visible))), element("ul", *items, class_="notes", lang="en"))


def _scene(summary: EpisodeSummary, scene: SceneFidelity) -> str:
    """A trained scene: its turntable, its measurements, pictures compared with its training data, and the
    training chart.
    """
    labels = summary.labels
    measured = list(scene_facts(scene, labels))
    tested = [f"{name}: {value}" for name, value in measured if name == labels.psnr_test]
    pictures = {
        kind: _picture(path, file_words(labels, kind)) for kind, path in summary.files() if kind in SCENE_PICTURES
    }
    turning, *others = (pictures.get(kind, "") for kind in SCENE_PICTURES)
    table = element("div", rows(measured), class_="wide")
    return _unfolded(labels.scene, text("".join(tested)), element("div", turning, table, class_="scene"), *others)


def _unfolded(title: str, brief: str, *inner: str) -> str:
    short = f" {element('small', brief)}" if brief else ""
    return element("details", element("summary", text(title[:1].upper() + title[1:]), short), *inner)


def _picture(path: str, alt: str) -> str:
    return link(path, single("img", src=path, alt=alt, loading="lazy", decoding="async"), class_="picture")


def _files(summary: EpisodeSummary) -> Iterator[str]:
    for kind, path in summary.files():
        words = file_words(summary.labels, kind)
        yield element("li", link(path, text(path)), f" {text(words)}" if words else "")


def _verdict_of_all(summary: EpisodeSummary, gates: Sequence[Mapping[str, Any]]) -> str:
    labels, failed = summary.labels, sum(gate["verdict"] == "failed" for gate in gates)
    if not gates:
        return text(labels.no_gates)
    if failed:
        return element("span", text(labels.some_failed.format(failed=failed, count=len(gates))), class_="failed")
    if any(gate["verdict"] != "passed" for gate in gates):
        return text(labels.not_measured)
    return element("span", text(labels.all_passed.format(count=len(gates))), class_="passed")


def _checks(summary: EpisodeSummary, check: Mapping[str, Any]) -> str:
    """Every measurement with its range, and the limits and verdict of those with a gate."""
    labels, gates = summary.labels, {gate["name"]: gate for gate in check["gates"]}
    titles = (labels.measurement, labels.measured, labels.required, labels.verdict)[: 4 if gates else 2]
    lines = [element("tr", *(element("th", text(one), scope="col") for one in titles))]
    for name, reading in check["measurements"].items():
        gate = gates.get(name)
        if reading is None and gate is None:
            continue
        ends = [] if reading is None else [f"{float(reading[one]):g}" for one in ("least", "most")]
        measured = labels.not_measured if not ends else ends[0] if ends[0] == ends[1] else "–".join(ends)
        cells = [text(measured)]
        cells += [text(_limits(summary, gate)), "" if gate is None else _verdict(summary, gate)] if gates else []
        lines.append(element("tr", element("th", text(name), scope="row"), *(element("td", one) for one in cells)))
    return element("div", element("table", *lines), class_="wide")


def _limits(summary: EpisodeSummary, gate: Mapping[str, Any] | None) -> str:
    ends = {} if gate is None else {"least": gate["min"], "most": gate["max"]}
    told_ends = {"least": summary.labels.least, "most": summary.labels.most}
    return ", ".join(told_ends[end].format(**{end: f"{value:g}"}) for end, value in ends.items() if value is not None)


def _verdict(summary: EpisodeSummary, gate: Mapping[str, Any]) -> str:
    labels, is_warning = summary.labels, gate["severity"] == "warn"
    words = {
        "passed": ("passed", labels.passed),
        "failed": ("warned", labels.warned) if is_warning else ("failed", labels.failed),
        "not measured": ("", labels.not_measured),
    }
    kind, label = words[gate["verdict"]]
    return element("span", text(label), class_=kind or None)


def clock(samples: int) -> str:
    """`1:05`: minutes and seconds, rounded down."""
    seconds = samples // SAMPLE_RATE
    return f"{seconds // 60}:{seconds % 60:02}"
