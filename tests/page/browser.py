"""A real browser without a window, told what to do in its own protocol (CDP) over two pipes: no driver, no port.

`--remote-debugging-pipe`: JSON objects that end in NUL, read by the browser from descriptor 3 and written to 4.
https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REQUIRED = "EPISODEC_BROWSER"
"""Set to `required` where a missing browser is a failure and no reason to skip: .ci/run does."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 60.0

# No sandbox: tests run as root in containers, where Chromium's own one cannot. No network is ever asked for.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--mute-audio",
    "--hide-scrollbars",
)
# WebGL on the processor: `--disable-gpu` would leave none.
DRAWING = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
QUIET = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")


def program() -> str:
    """Where the browser is. Skips the test where there is none, or fails it where one is required."""
    actual = next((path for name in NAMES if (path := shutil.which(name))), None)
    if actual is None:
        output = "no Chromium is installed: apt-get install chromium"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(output)
        pytest.skip(output)
    return actual


class Tab:
    """One open page; what it logs, what goes wrong in it, and what it asks for are kept."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer = reader, writer
        self._buffer, self._number = b"", 0
        self._session: str | None = None
        self.complaints: list[str] = []  # Errors and warnings of the console, and exceptions that nobody caught.
        self.requests: list[str] = []

    def start(self) -> None:
        """Open an empty tab and listen to it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> Any:
        """The result of a command."""
        self._number += 1
        asked: dict[str, object] = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            asked["sessionId"] = self._session
        os.write(self._writer, json.dumps(asked).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer}"
                return answer["result"]
            self._hear(answer)

    def open(self, path: Path | str, *, scripts: bool = True) -> None:
        """Open a file or an address and wait until it is loaded."""
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.complaints.clear()
        self.requests.clear()
        self.call("Page.navigate", url=path if isinstance(path, str) else path.absolute().as_uri())
        self.wait(lambda: self.run("document.readyState") == "complete")

    def shape(self, width: int, height: int, scheme: str = "light") -> None:
        """The window's size in pixels, and whether its user likes it light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def run(self, script: str) -> Any:
        """The value of an expression; a promise is waited for."""
        asked = {"expression": script, "returnByValue": True, "awaitPromise": True, "userGesture": True}
        answer = self.call("Runtime.evaluate", **asked)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, holds: Callable[[], object]) -> None:
        """Until this holds."""
        until = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < until, f"it never came to hold; the page said: {self.complaints}"
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """A click of the left button into the middle of an element."""
        self.run(
            f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center', behavior: 'instant'}})"
        )
        places: list[Any] = []
        while len(places) < 2 or places[-1] != places[-2]:  # Pictures that come in move what is below them.
            place = self.run(f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
                             f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")  # fmt: skip
            places.append(place)
            time.sleep(0.1)
        box = places[-1]
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def press(self, key: str) -> None:
        """A key of the keyboard by its name."""
        code = {"Tab": 9, "Enter": 13}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """A screenshot as a PNG, of the window or of the whole page."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))

    def _receive(self) -> Mapping[str, Any]:
        until = time.monotonic() + PATIENCE_S
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reader], [], [], max(0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            some = os.read(self._reader, 1 << 20)
            assert some, "the browser has ended"
            self._buffer += some
        message, _, self._buffer = self._buffer.partition(b"\0")
        tree: Mapping[str, Any] = json.loads(message)
        return tree

    def _hear(self, event: Mapping[str, Any]) -> None:
        output = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.complaints.append(str(output["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if output["type"] in ("error", "warning", "assert"):
                self.complaints.append(str(output["args"]))
            case "Log.entryAdded" if output["entry"]["level"] in ("error", "warning"):
                self.complaints.append(str(output["entry"]))
            case "Network.requestWillBeSent":
                self.requests.append(output["request"]["url"])
            case _:
                pass


@contextmanager
def browser(profile: Path, *, draws: bool = False) -> Iterator[Tab]:
    """A browser with one empty tab; it ends with the block. draws: with WebGL."""
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()
    # The shell gives the pipes the numbers that the browser knows them by.
    command = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
    options = (*(each for each in OPTIONS if each != "--disable-gpu"), *DRAWING) if draws else OPTIONS
    words = [program(), *options, *QUIET, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
    log = (profile.parent / "browser.log").open("wb")
    running = subprocess.Popen(
        ["/bin/bash", "-c", command, *words],
        pass_fds=(to_browser, from_browser),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    os.close(to_browser)
    os.close(from_browser)
    tab = Tab(to_us, from_us)
    try:
        tab.start()
        yield tab
    finally:
        os.close(from_us)
        os.close(to_us)
        running.terminate()
        running.wait(PATIENCE_S)
        log.close()


def check_quiet(tab: Tab, page: Path) -> None:
    """Check that a page has complained of nothing and requested nothing outside its folder."""
    assert tab.complaints == []
    folder = page.parent.absolute().as_uri()
    outside = [url for url in tab.requests if not url.startswith((f"{folder}/", "data:", "blob:"))]
    assert outside == []
