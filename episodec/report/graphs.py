"""The action graph as Mermaid, as Graphviz DOT and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from episodec.questions.graph import Node
from episodec.text import escape


def mermaid(nodes: Sequence[Node]) -> str:
    """A flowchart, https://mermaid.js.org/syntax/flowchart.html: files are rounded, actions boxes."""
    names = _numbered(nodes)
    lines = ["flowchart LR"]
    for node in nodes:
        label = f"{node.id}<br/>{node.backend}"
        lines.append(f'  {names[node.id]}["{_mermaid(label)}"]')
    files = {path: f"f{place}" for place, path in enumerate(_sources(nodes))}
    lines += [f'  {name}(["{_mermaid(path)}"])' for path, name in files.items()]
    for node in nodes:
        lines += [f"  {files[path]} --> {names[node.id]}" for path in node.sources]
        lines += [f"  {names[needed]} --> {names[node.id]}" for needed in node.needs]
    return "\n".join(lines) + "\n"


def dot(nodes: Sequence[Node]) -> str:
    """A digraph, https://graphviz.org/doc/info/lang.html."""
    lines = ["digraph episodec {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {_dot(node.id)} [label={_dot(f'{node.id} ({node.backend})')}];" for node in nodes]
    lines += [f"  {_dot(path)} [shape=note];" for path in _sources(nodes)]
    for node in nodes:
        lines += [f"  {_dot(one)} -> {_dot(node.id)};" for one in (*node.sources, *node.needs)]
    return "\n".join([*lines, "}"]) + "\n"


def as_json(nodes: Sequence[Node]) -> str:
    """A list of actions, inputs first."""
    return json.dumps({"version": 1, "actions": [asdict(node) for node in nodes]}, indent=1) + "\n"


def _numbered(nodes: Sequence[Node]) -> dict[str, str]:
    return {node.id: f"a{place}" for place, node in enumerate(nodes)}


def _sources(nodes: Sequence[Node]) -> list[str]:
    return list(dict.fromkeys(path for node in nodes for path in node.sources))


def _mermaid(text: str) -> str:
    """Text inside quotes, with Mermaid's entity codes for what would end or mark it up."""
    codes = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "&": "#amp;"}
    kept = "<br/>".join("".join(codes.get(c, c) for c in part) for part in escape(text).split("<br/>"))
    return kept.replace("\n", " ")


def _dot(text: str) -> str:
    return '"' + escape(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
