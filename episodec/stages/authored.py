"""The params that an author wrote, without those at their default: what an approved take holds for.

A section's params hold every field, so a field that a new version adds would otherwise void every take.
"""

from collections.abc import Mapping

from episodec.digest import Canonical, encode
from episodec.spec.structure import section
from episodec.spec.types import Foley, Motion, Performance, Refine, Training, Views, Voice

_SECTIONS: Mapping[str, Mapping[str, Canonical]] = {
    "voice": section(Voice()),
    "foley": section(Foley()),
    "views": section(Views()),
    "motion": section(Motion()),
    "refine": section(Refine()),
    "train": section(Training()),
    "performance": section(Performance()),
}


def authored(stage: str, params: Mapping[str, Canonical]) -> dict[str, Canonical]:
    """The params of a stage without those that equal the default of its section."""
    defaults = _SECTIONS.get(stage, {})
    return {
        name: value for name, value in params.items() if name not in defaults or encode(value) != encode(defaults[name])
    }
