"""The params that an author wrote, without those at their default: what an approved take holds for.

A section's params hold every field, so a field that a new version adds would otherwise void every take.
"""

from collections.abc import Mapping

from episodec.digest import Canonical, encode
from episodec.spec.structure import section
from episodec.spec.types_of_character import Motion, Refine, Training, Views
from episodec.spec.types_of_picture import Performance
from episodec.spec.types_of_sound import Foley, Voice

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
