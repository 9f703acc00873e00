"""What each backend may be overridden in, as Markdown: docs/overrides.md."""

from collections.abc import Iterator, Mapping

from episodec.backends import registry
from episodec.overrides import Override, of_stage
from episodec.runner.loading import load
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
    """Every override of these backends, `module:Class` by name; of all installed ones where none are given.

    Raises:
        BackendError: one cannot be loaded.
    """
    backends = {name: load(target) for name, target in sorted((registry() if targets is None else targets).items())}
    declared = {
        stage: {name: of_stage(one, stage) for name, one in backends.items() if stage in one.stages} for stage in STAGES
    }
    blocks = [_HEAD]
    for stage, found in declared.items():
        tables = [_table(name, kinds) for name, kinds in found.items() if kinds]
        blocks += [f"## `{stage}`\n", *tables] if tables else []
    nothing = [stage for stage, found in declared.items() if not any(found.values())]
    blocks.append(f"These stages take no overrides: {', '.join(f'`{stage}`' for stage in nothing)}.\n")
    return "\n".join(blocks)


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
