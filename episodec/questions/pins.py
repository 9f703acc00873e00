"""The results that the present specs need and gc must never remove."""

from collections.abc import Callable
from dataclasses import replace

from episodec.digest import Digest
from episodec.engine.key import ActionKey
from episodec.engine.plan import Hit, judge_all
from episodec.project import tree
from episodec.series.request import Request
from episodec.series.session import Session, linked, opened
from episodec.store.trace_log import pinned_keys


def pinned(
    place: tree.Place, request: Request, notice: Callable[[str], None] = lambda _: None
) -> tuple[set[ActionKey], set[Digest]]:
    """Keys of the results that episodes of all series with this cache were built from, or would be built from now; and
    the contents that approved takes name.

    The keys of a spec with errors are unknown: then the last result of every action is kept.
    """
    series = {(one.root, one.series): one for one in [place, *tree.locate_below(place.root)]}
    keys: set[ActionKey] = set()
    locked: set[Digest] = set()
    for other_place in series.values():
        if other_place.root == place.root:
            with opened(other_place, [other_place.folder()], request, notice) as session:
                keys |= {ActionKey(key) for key in pinned_keys(session.cache.index)} | _untraced(session)
                locked |= session.locked_contents()
    return keys, locked


def _untraced(session: Session) -> set[ActionKey]:
    loaded = session.load()
    judged = judge_all(linked(loaded), replace(session.knowledge(), ask_shared=None))
    keys = {verdict.key for verdict in judged.values() if isinstance(verdict, Hit)}
    if session.project.has_errors() or len(keys) < len(judged):
        # A spec with errors, or an action after a changed one, may still need its last result.
        keys |= {ActionKey(row["key"]) for row in session.cache.index.rows("SELECT key FROM history")}
    return keys
