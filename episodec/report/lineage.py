"""The answer of `lineage` as lines."""

from collections.abc import Iterator, Sequence

from episodec.questions.lineage import Lineage, MadeArtifact, Use
from episodec.report.answers import names_text
from episodec.report.paint import Paint
from episodec.text import count_text, escape, size_text, table

_DIM, _BOLD = "2", "1"
MADE_SHOWN = 4  # Artifacts of one system listed one by one; beyond that only their number.


def lineage_lines(answer: Lineage, paint: Paint, *, verbose: bool) -> list[str]:
    """The systems that use the file and those that do not, what was made from it, and the systems' licences."""
    unreadable = f"; {answer.unreadable} could not be checked because of errors" if answer.unreadable else ""
    used = f"used by {len(answer.episodes)} of {count_text(answer.of, 'episode')}" if answer.uses else _unused(answer)
    lines = [
        f"{paint(escape(answer.file), _BOLD)}: {used}{unreadable}",
        *table([["  digest  ", answer.digest or "the file does not exist"], ["  profile ", escape(answer.profile)]]),
    ]
    if answer.uses:
        lines += ["used by", *table((_use(one, answer.how) for one in answer.uses), "  ")]
    if answer.others:
        lines += ["not used by", *table(([_system(one), count_text(one.of, "action")] for one in answer.others), "  ")]
    if answer.uses:
        lines += [
            "made from it",
            *table((row for one in answer.uses for row in _artifact_rows(one, paint, verbose)), "  "),
        ]
        lines += ["episodes", f"  {names_text(answer.episodes)}", *_terms(answer)]
    return lines


def _unused(answer: Lineage) -> str:
    if not answer.of and answer.unreadable:
        return "its use is unknown"
    if answer.how == "checked":
        return "it is checked, and no action of this profile uses it"
    return "nothing uses it"


def _system(use: Use) -> str:
    return f"{escape(use.stage)} ({escape(use.backend)})"


def _use(use: Use, how: str) -> list[str]:
    actions = count_text(use.of, "action") if use.actions == use.of else f"{use.actions} of {use.of} actions"
    ways = ["reads it"] if use.reads else []
    if use.through:
        ways.append(f"through {_through(use.through)}")
    if how in ("spec", "series"):  # Lowering reads these; no action does.
        ways = []
    return [_system(use), count_text(len(use.episodes), "episode"), actions, ", ".join(ways)]


def _through(ways: Sequence[str]) -> str:
    """Artifacts by stage, or their number if there are many: `scene: still.scene`, `motion: 25 files`."""
    stages: dict[str, list[str]] = {}
    for way in ways:
        stage, _, output = way.partition(": ")
        stages.setdefault(stage, []).append(output)
    return ", ".join(
        f"{escape(stage)}: {' and '.join(map(escape, outputs)) if len(outputs) <= 2 else f'{len(outputs)} files'}"
        for stage, outputs in stages.items()
    )


def _artifact_rows(use: Use, paint: Paint, verbose: bool) -> list[list[str]]:  # noqa: FBT001 - called once, above.
    kept = [made.size for made in use.made if made.size is not None]
    if kept and (verbose or len(use.made) <= MADE_SHOWN):
        return [_artifact(made, paint) for made in use.made]
    size = size_text(sum(kept)) if kept else ""
    return [[f"{_system(use)}: {count_text(len(use.made), 'file')}", size, f"{len(kept) or 'none'} in the cache"]]


def _artifact(artifact: MadeArtifact, paint: Paint) -> list[str]:
    size = "" if artifact.size is None else size_text(artifact.size)
    return [
        f"{escape(artifact.action)}: {escape(artifact.output)}",
        size,
        artifact.digest or paint("not in the cache", _DIM),
    ]


def _terms(answer: Lineage) -> Iterator[str]:
    """The systems' licences, and the systems that are not set up on this machine."""
    licences = {one.backend: one.licence for one in (*answer.uses, *answer.others) if one.licence}
    if licences:
        yield "licences"
        for backend, licence in licences.items():
            yield f"  {escape(backend)}: {escape(licence)}"
    if answer.unknown:
        yield "not set up on this machine, so digests that depend on it are unknown"
        yield from table(([escape(name), escape(why)] for name, why in answer.unknown.items()), "  ")
