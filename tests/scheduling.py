"""Which tests share a process, and which begin first. For pytest-xdist, through its hook for schedulers.

A module's fixtures are made once a process: tests that share one stay together, and so do those of a module that keeps
what it has made (`cache`). So do those that import diffusers, which takes as long as a hundred tests.
"""

from functools import cache
from pathlib import Path, PurePosixPath

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]

PIPELINES = (
    "tests/backends/test_flux_img2img.py",
    "tests/backends/test_flux_portrait.py",
    "tests/backends/test_stable_audio.py",
    "tests/backends/test_wan.py",
    "tests/builds/test_production.py",
    "tests/builds/test_production_sound.py",
    "tests/cli/test_character.py",
)
"""They run pipelines of diffusers."""

FIRST = (
    *PIPELINES,
    "tests/builds/test_real_series.py",
    "tests/builds/test_real_surroundings.py",
    "tests/splat/test_rasterise.py",
    "tests/splat/training/test_raster.py",
    "tests/backends/test_hybrid.py",
    "tests/test_readme.py",
    "tests/splat/test_compiled.py",
    "tests/splat/rig/test_build.py",
    "tests/backends/test_views_motion.py",
    "tests/bench/test_benches.py",
    "tests/builds/test_delivery.py",
    "tests/builds/test_kills.py",
    "tests/splat/test_bust.py",
)
"""Sort the tests that take longest to the front, so that no process is left alone with one at the end."""


def group_of(test: str) -> str:
    """The name of those tests that run in one process with this one, by its id."""
    file = test.partition("::")[0]
    if file in PIPELINES:
        return "pipelines"
    return file if _shares(file) else test


def place_of(test: str) -> int:
    """Where a test stands among the others: those of `FIRST` in its order, then all the rest."""
    file = test.partition("::")[0]
    return FIRST.index(file) if file in FIRST else len(FIRST)


@cache
def _shares(file: str) -> bool:
    text = (ROOT / PurePosixPath(file)).read_text(encoding="utf-8")
    return any(mark in text for mark in ('scope="module"', 'scope="session"', "\n@cache\n", "\n@lru_cache("))


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types.
    """Hands out groups of tests, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
