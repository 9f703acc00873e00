"""A changed episode on the review page: two players, the strip of changes, and the differences in words and numbers."""

from collections.abc import Iterator, Sequence

from episodec.page.html import element, rows, single, text
from episodec.page.reviewed import FilmSide, ReviewedFilm, SpokenRow
from episodec.page.sides import patch, word_sides
from episodec.page.strip import opens_at, runs, strip

_VIEWS = (("beside", "Side by side"), ("wipe", "Wipe"), ("toggle", "Toggle"), ("difference", "Difference"))
_NAMES = ("Before", "After")


def film(film: ReviewedFilm) -> str:
    """The part of the page that shows this episode."""
    head = element("p", text(f"{film.where} · {film.how}"), class_="where") + element(
        "h2", text(film.title), lang=film.language
    )
    parts = [head, _players(film), *_below(film)]
    return element(
        "article",
        *parts,
        class_="reviewed",
        id=film.name,
        data_rate=film.rate,
        data_count=film.count,
        data_at=opens_at(film.frames),
        data_runs=" ".join(f"{start}-{end}" for start, end in runs(film.frames)),
    )


def _players(film: ReviewedFilm) -> str:
    """The players, and the controls that move both."""
    tag = "audio" if film.is_sound else "video"
    both = all(side.file for side in film.sides)
    figures = "".join(_player(tag, name, side, both=both) for name, side in zip(_NAMES, film.sides, strict=True))
    canvas = element("canvas", class_="apart", hidden="", role="img", aria_label="Difference") if both else ""
    stage = element("div", figures, canvas, class_=f"stage beside {tag}")
    has_clock = any(side.file for side in film.sides) and not film.is_sound
    if not has_clock:
        return stage
    # Without the script, players have their own controls, and these stay hidden.
    return element("div", _strip(film), class_="clocked", hidden="") + stage + _controls(film, both=both)


def _player(tag: str, name: str, side: FilmSide, *, both: bool) -> str:
    caption = element("figcaption", name)
    if side.file is None:
        return element("figure", caption, element("p", text(side.why_not), class_="missing"), class_=name.lower())
    is_mute = both and name == "Before"  # Two voices at once cannot be understood.
    own = {"muted": "" if is_mute else None, "playsinline": ""} if tag == "video" else {}
    player = element(tag, src=side.file, controls="", preload="metadata", aria_label=name, **own)
    return element("figure", caption, player, class_=name.lower())


def _controls(film: ReviewedFilm, *, both: bool) -> str:
    """The controls that the script enables; without it, players have their own."""
    buttons = [_button("play", "Play")]
    ranges = runs(film.frames)
    if ranges:
        buttons += [_button("back", "Previous change"), _button("on", "Next change")]
    if both:
        pressed = {"beside": "true"}
        views = [
            _button(f"view {key}", name, data_view=key, aria_pressed=pressed.get(key, "false")) for key, name in _VIEWS
        ]
        buttons.append(element("span", *views, class_="views", role="group", aria_label="View"))
        buttons.append(_button("sound", "Sound: after"))
    clock = element("output", "", class_="clock", aria_live="off")
    wipe = element(
        "label",
        element("span", "Before | after"),
        single("input", type_="range", class_="line", min="0", max="100", value="50"),
        class_="wiping",
        hidden="",
    )
    row = element("div", *buttons, clock, class_="row")
    return element("div", wipe if both else "", row, class_="clocked controls", hidden="")


def _button(name: str, label: str, **more: str) -> str:
    return element("button", label, type_="button", class_=name, **more)


def _strip(film: ReviewedFilm) -> str:
    head = element("div", class_="head")
    label = "Frame, and how much each differs" if film.frames else "Frame"
    slider = element(
        "div",
        strip(film.frames),
        head,
        class_="strip",
        role="slider",
        tabindex="0",
        aria_label=label,
        aria_valuemin="0",
        aria_valuemax=max(0, film.count - 1),
        aria_valuenow=opens_at(film.frames),
    )
    return slider + element("p", text(_strip_text(film)), class_="told")


def _strip_text(film: ReviewedFilm) -> str:
    """A description of the strip."""
    if not film.frames:
        return "The frames were not compared: one of the films is not here."
    differ = sum(1 for frame in film.frames if frame)
    lacking = sum(1 for frame in film.frames if frame is None)
    ranges = runs(film.frames)
    parts = [f"{differ} of {film.count} frames differ"]
    if ranges and differ:
        parts.append(f"most at frame {opens_at(film.frames)} ({max(frame or 0 for frame in film.frames):.2g} of 255)")
    parts += [f"{len(ranges)} changes"] if len(ranges) > 1 else []
    parts += [f"{lacking} are in one film only"] if lacking else []
    return " · ".join(parts)


def _below(film: ReviewedFilm) -> Iterator[str]:
    if film.changes:
        yield section("What changes", rows(film.changes))
    if film.spoken:
        yield section("Sentences", _narration(film))
    pair = [
        section(title, _table(heads, body))
        for title, heads, body in (
            ("Numbers that moved", ("", "before", "after", "difference"), film.numbers),
            ("What is made again, and why", ("stage", "actions", "why"), film.stage_rows),
        )
        if body
    ]
    yield element("div", *pair, class_="pair")
    for path, before, after in film.texts:
        yield section(path, patch(before, after))


def _narration(film: ReviewedFilm) -> str:
    """The sentences that differ; below them, collapsed, those that do not."""
    same = [row for row in film.spoken if row.how == "same"]
    other = [row for row in film.spoken if row.how != "same"]
    narration = _spoken(film, other) if other else ""
    if not same:
        return narration
    summary = "1 sentence is unchanged" if len(same) == 1 else f"{len(same)} sentences are unchanged"
    return narration + element("details", element("summary", summary), _spoken(film, same), class_="unchanged")


def section(title: str, inner: str) -> str:
    """A section that can be collapsed."""
    return element(
        "details",
        element("summary", element("h3", text(title))),
        element("div", inner, class_="wide", tabindex="0"),  # Tables scroll if the window is narrow.
        open="",
    )


def _table(heads: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    top = element("tr", *(element("th", text(one), scope="col") if one else "<td></td>" for one in heads))
    lines = (
        element("tr", element("th", text(name), scope="row"), *(element("td", text(cell)) for cell in cells))
        for name, *cells in body
    )
    return element("table", top, *lines)


def _spoken(spoken_word: ReviewedFilm, spoken: Sequence[SpokenRow]) -> str:
    top = element("tr", "<td></td>", *(element("th", name, scope="col") for name in _NAMES))
    lines = []
    for row in spoken:
        cells = (
            element(
                "td",
                *_sentence(words, row.at_s[side], row.takes[side], spoken_word.sides[side], _NAMES[side]),
                lang=spoken_word.language,
            )
            for side, words in enumerate(word_sides(row.texts[0] or "", row.texts[1] or ""))
        )
        lines.append(element("tr", element("th", text(row.how), scope="row"), *cells, class_=row.how))
    return element("table", top, *lines, class_="spoken")


def _sentence(words: str, at_s: float | None, take: str | None, side: FilmSide, name: str) -> Iterator[str]:
    """A sentence of one version: its text, its time and its take."""
    if not words:
        return
    if at_s is not None and side.file is not None:
        tenths = round(at_s * 10)
        clock = f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"
        yield element("a", clock, href=f"{side.file}#t={at_s:.3f}", class_="moment", data_at=f"{at_s:.3f}")
    yield element("p", words)
    if take:
        yield element("audio", src=take, controls="", preload="none", aria_label=f"The take {name.lower()}")
