"""What each backend may be overridden in, as Markdown: docs/overrides.md."""

from collections.abc import Iterator, Mapping

from episodec.backends import Offer, offers, target_of
from episodec.engine.backend import Backend
from episodec.errors import BackendError
from episodec.overrides import Override, of_stage
from episodec.project.declared import loaded
from episodec.stages import STAGES

_HEAD = """\
# Overrides, stage by stage

Made from what the backends declare by `episodec schema --overrides`, which tells of installed backends of other
packages, too. A spec says what it overrides by stage:

```yaml
overrides:
  render: {crf: 16, preset: slow}
  audio: {bitrate_kbps: 256}
```

An override belongs to the backend that does the stage under the profile that is built: [the rules](spec.md) say what is
refused. An override that you leave out takes the backend's default, and is in no key.
"""


def overrides_manual(targets: Mapping[str, str] | None = None) -> str:
    """Every override of these backends, `module:Class` by name; of all installed ones where none are given. What is
    broken is named at the end.
    """
    offered = offers() if targets is None else {name: [Offer("", target)] for name, target in targets.items()}
    backends: dict[str, Backend] = {}
    broken: dict[str, BackendError] = {}
    for name in sorted(offered):
        try:
            backends[name] = loaded(name, target_of(offered, name)).backend
        except BackendError as error:
            broken[name] = error
    declared = {
        stage: {name: of_stage(one, stage) for name, one in backends.items() if stage in one.stages} for stage in STAGES
    }
    blocks = [_HEAD]
    for stage, found in declared.items():
        tables = [_table(name, kinds) for name, kinds in found.items() if kinds]
        blocks += [f"## `{stage}`\n", *tables] if tables else []
    nothing = [stage for stage, found in declared.items() if not any(found.values())]
    blocks.append(f"These stages take no overrides: {', '.join(f'`{stage}`' for stage in nothing)}.\n")
    blocks += [_broken(name, error) for name, error in broken.items()]
    return "\n".join(blocks)


def _broken(backend: str, error: BackendError) -> str:
    facts = "; ".join(f"{name}: {value}" for name, value in error.facts.items() if name != "backend")
    return f"Of `{backend}` nothing is told: {error.sentence} ({' '.join(facts.split())}).\n"


def _table(backend: str, kinds: Mapping[str, Override]) -> str:
    head = "| override | value | default | what it is |\n|---|---|---|---|"
    return "\n".join((f"### `{backend}`\n", head, *_rows(kinds), ""))


def _rows(kinds: Mapping[str, Override]) -> Iterator[str]:
    for name, kind in kinds.items():
        cells = (f"`{name}`", kind.wanted(), kind.otherwise or _default(kind), kind.meaning)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(kind: Override) -> str:
    """As a spec would say it."""
    if isinstance(kind.default, bool):
        return str(kind.default).lower()
    return f"{kind.default:g}" if isinstance(kind.default, float) else str(kind.default)
