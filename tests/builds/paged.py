"""The short lowering with an entry for the index page: an engine's test whose episodes are on a page."""

from episodec.backends import BUILTIN
from episodec.stages.entry import lower_entry
from episodec.stages.lowering import Lowered, Lowering, joined
from tests.builds import short
from tests.builds.studio import BACKENDS as TOYS

BACKENDS = {**TOYS, "entry": BUILTIN["entry"]}


def lower(at: Lowering) -> Lowered:
    """As `short.lower`, and the entry that tells of it."""
    built = short.lower(at)
    return joined(built, lower_entry(at, built, None))
