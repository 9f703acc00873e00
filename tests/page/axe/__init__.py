"""Accessibility of pages, checked by axe-core 4.10.3 from npm, unchanged (MPL-2.0; LICENSE beside it)."""

from pathlib import Path

from tests.page.browser import Tab

_SCRIPT = Path(__file__).with_name("axe.min.js")
_SHAPES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"), (390, 844, "dark"))
_FINDINGS = """axe.run(document, {resultTypes: ['violations'], iframes: false}).then(({violations}) =>
violations.flatMap(({id, help, nodes}) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)}`)))"""


def check_accessible(tab: Tab) -> None:
    """Check that axe finds nothing on the open page, on a desk and on a phone, light and dark."""
    tab.run(f"{_SCRIPT.read_text(encoding='utf-8')}; 0")
    for shape in _SHAPES:
        tab.shape(*shape)
        findings = tab.run(_FINDINGS)
        assert findings == [], shape
    tab.shape(1280, 900)
