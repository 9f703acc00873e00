"""Whether the disk has room for a build, estimated from earlier results of the same kinds."""

import shutil
from collections.abc import Callable, Collection, Mapping

from episodec.engine.action import ActionId
from episodec.engine.graph import ActionGraph
from episodec.engine.plan import Hit, Verdict
from episodec.errors import StoreError
from episodec.series.session import Session
from episodec.text import size_text

PLENTY = 20 * 10**9  # Bytes: with this much free nothing is estimated.
MARGIN = 200 * 10**6  # Bytes that a large build leaves free: the index grows, and tools write temporary files.


def _free(path: str) -> int:
    return shutil.disk_usage(path).free


def check_room(
    session: Session,
    graph: ActionGraph,
    plan: Mapping[ActionId, Verdict],
    delivered: Collection[ActionId],
    free: Callable[[str], int] = _free,
) -> None:
    """Check that the results to make fit on the disk; kinds that never ran are not counted. `delivered`: the actions
    whose outputs are copied to dist/.

    Raises:
        StoreError: they do not fit.
    """
    root = str(session.cache.layout.root)
    there = free(root)
    if there >= PLENTY:
        return
    missing = [action for action in graph if not isinstance(plan[action.id], Hit)]
    sizes = {kind: session.cache.usual_size(*kind) for kind in {(one.stage, one.backend) for one in missing}}
    needed = sum(sizes[one.stage, one.backend] * (2 if one.id in delivered else 1) for one in missing)
    if needed + min(needed, MARGIN) > there:
        raise StoreError(
            "there is not enough disk space for this build",
            facts={"needed": f"about {size_text(needed)}", "free": f"{size_text(there)} at {root}"},
            hint="free some space, or shrink the cache with `episodec gc --max-size`",
        )
