"""A browser for the tests of pages."""

from collections.abc import Iterator

import pytest

from tests.page.browser import Tab, browser


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("browser") / "profile") as tab:
        tab.shape(1280, 900)
        yield tab
