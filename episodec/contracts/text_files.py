"""Formats of texts: measurements, plans and notes as JSON, posts and pages."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from episodec.contracts.contract import CheckedFormat, Format, ReadOutput
from episodec.contracts.kinds import ANYTHING, FLAG, NUMBER, TEXT, Among, Integer, ListOf, Maybe, Table, ValueKind
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError


def read_plan_json(path: Path, order: WorkOrder) -> None:
    """Check a plan with the order's number of frames and rate."""
    from episodec.film.plan_json import read_plan

    try:
        plan = read_plan(_text(path))
    except ValueError as error:
        raise BackendError("this is not a frame plan", facts={"error": error}) from error
    if (len(plan), plan.rate) != (order.whole("frames"), order.whole("rate")):
        facts = {"found": f"{len(plan)} frames, {plan.rate} a second"}
        raise BackendError("the frame plan belongs to another episode", facts=facts)


def read_overlaid(path: Path, _order: WorkOrder) -> None:
    """Check the overlay of a chunk."""
    from episodec.drawings.overlay import read_overlay

    try:
        read_overlay(_text(path))
    except (ValueError, RecursionError) as error:
        raise BackendError("this is not an overlay", facts={"error": error}) from error


def read_check(path: Path, order: WorkOrder) -> None:
    """Check for the measurements of all frames, and a verdict on each of the order's gates."""
    tree = _table(path, _CHECK)
    gates: Any = order.params["gates"]
    if tree["frames"] != order.whole("frames") or {gate["name"] for gate in tree["gates"]} != set(gates):
        facts = {"frames": tree["frames"], "gates": ", ".join(gate["name"] for gate in tree["gates"]) or "none"}
        raise BackendError("the report is for other frames or gates", facts=facts)


def read_motion_note(path: Path, order: WorkOrder) -> None:
    """Check for one entry per picture."""
    tree = _table(path, _MOTION)
    if len(tree["frames"]) != order.whole("frames"):
        facts = {"entries": f"{len(tree['frames'])}, not {order.whole('frames')}"}
        raise BackendError("the note is for another number of pictures", facts=facts)


def read_drift(path: Path, order: WorkOrder) -> None:
    """Check for one entry per picture."""
    tree = _table(path, _DRIFT)
    if len(tree["frames"]) != len(order.inputs["frame.png"]):
        facts = {"entries": f"{len(tree['frames'])}, not {len(order.inputs['frame.png'])}"}
        raise BackendError("the note is for another number of pictures", facts=facts)


def read_scene_json(path: Path, _order: WorkOrder) -> None:
    """Check the measurements of a trained scene that posts and pages show."""
    from episodec.scenes.trained import read_fidelity

    read_fidelity(path)


def read_post(path: Path, _order: WorkOrder) -> None:
    """Check that the text is not empty."""
    if not _text(path).strip():
        raise BackendError("the post is empty")


def read_entry(path: Path, order: WorkOrder) -> None:
    """Check that the index page can read it as an entry of this episode."""
    from episodec.page.entry import head

    entry_head = head(_text(path))
    if entry_head is None or entry_head.name != order.params["name"]:
        facts = {"begins": _text(path)[:80]}
        raise BackendError("this is not an index page entry of the episode", facts=facts)


def read_viewer_page(path: Path, _order: WorkOrder) -> None:
    """Check that it is a whole page."""
    text = _text(path)
    if not (text.startswith("<!doctype html>") and text.endswith("</html>\n") and 'id="pack"' in text):
        raise BackendError("this is not a whole viewer page", facts={"begins": text[:80], "ends": text[-20:]})


def _object(name: str, meaning: str, fields: Mapping[str, ValueKind], read: ReadOutput | None = None) -> CheckedFormat:
    """A format of JSON objects with at least these fields; `read`: a reader that checks more than the fields."""

    def read_fields(path: Path, _order: WorkOrder) -> None:
        _table(path, fields)

    return CheckedFormat(name, f"JSON: {meaning}; a {Table(fields).words}", read or read_fields)


def _table(path: Path, fields: Mapping[str, ValueKind]) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        BackendError: it is not an object, or a field is missing or of another kind.
    """
    try:
        tree = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise BackendError("this is not JSON", facts={"error": error}) from error
    if not isinstance(tree, dict):
        raise BackendError("the JSON is not an object", facts={"found": type(tree).__name__})
    wrong = {f"`{name}`": kind.words for name, kind in fields.items() if not kind.accepts(tree.get(name))}
    if wrong:
        raise BackendError("fields of the JSON are missing or of another kind", facts=wrong)
    return tree


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except ValueError as error:
        raise BackendError("the text is not UTF-8", facts={"error": error}) from error


_LEVEL = Maybe(NUMBER)
_DISTANCES = Table({"before": NUMBER, "after": NUMBER})

_MOTION: Mapping[str, ValueKind] = {
    "frames": ListOf(
        "list of mappings of `scene_time` (number) and others", Table({"scene_time": NUMBER}, rest=ANYTHING)
    )
}
_DRIFT: Mapping[str, ValueKind] = {
    "format": Among(("episodec drift 1",)),
    "mean": _DISTANCES,
    "frames": ListOf("list of such mappings", _DISTANCES),
}
_CHECK: Mapping[str, ValueKind] = {
    "check": Among((1,)),
    "frames": Integer(1),
    "rate": Integer(1),
    "measurements": Table({}, rest=Maybe(Table({"least": NUMBER, "most": NUMBER}, rest=ANYTHING))),
    "gates": ListOf(
        "list of mappings of `name`, `min`, `max`, `severity` and `verdict` (`passed`, `failed` or `not measured`)",
        Table(
            {
                "name": TEXT,
                "min": _LEVEL,
                "max": _LEVEL,
                "severity": Among(("warn", "error")),
                "verdict": Among(("passed", "failed", "not measured")),
            }
        ),
    ),
}

MIXED = _object(
    "mix.json",
    "measurements",
    {"samples": Integer(1), "target_lufs": NUMBER, "loudness_lufs": _LEVEL, "true_peak_dbtp": _LEVEL},
)
ENCODED_SOUND = _object(
    "audio.json",
    "measurements of the decoded sound",
    {"samples": Integer(1), "bitrate_kbps": Integer(1), "true_peak_dbtp": _LEVEL, "loudness_lufs": _LEVEL},
)
UNDERSTOOD = _object(
    "foley.json",
    "the words of the prompt that were used, and the others",
    {"matched": ListOf("list of texts", TEXT), "unmatched": ListOf("list of texts", TEXT)},
)
TRAINED = _object(
    "training.json", "the course of the training", {"gaussians": Integer(1), "psnr_db": Table({}, rest=NUMBER)}
)
FACE = _object("face.json", "the face of a scene", {"version": Among((1,)), "found": FLAG})
MOTION_NOTE = _object("motion.json", "the source of each picture", _MOTION, read_motion_note)
DRIFT = _object("drift.json", "the distance of each picture from the portrait, in Delta E", _DRIFT, read_drift)
CHECK = _object("check.json", "measurements and verdicts", _CHECK, read_check)
OVERLAID = CheckedFormat("overlay", "JSON: the captions on each frame (`episodec.drawings.overlay`)", read_overlaid)
PLAN_JSON = CheckedFormat(
    "plan.json", "JSON: the frame plan (`episodec.film.plan_json`), `frames` frames at `rate`", read_plan_json
)
FIDELITY = CheckedFormat(
    "scene.json",
    "JSON: `gaussians`, `psnr_db` (for each split a mapping with `all`), `orbit` (with `frame_difference`, 0 to 255)",
    read_scene_json,
)
NOTES = Format("notes", "JSON: a list of pairs of a stage and a note with `code`, `sentence`, `facts` and `hint`")
POST = CheckedFormat("post", "Markdown in UTF-8, not empty", read_post)
ENTRY = CheckedFormat(
    "entry", "one HTML `<article>` in UTF-8 with the opening tag of `episodec.page.entry`", read_entry
)
VIEWER_PAGE = CheckedFormat(
    "viewer page", "one HTML page in UTF-8 with a pack (docs/viewer-pack.md) in its element `pack`", read_viewer_page
)
