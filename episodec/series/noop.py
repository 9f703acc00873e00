"""The no-op path: finds the specs of a series that a build can skip.

Knows nothing of specs' contents. Imports only the lightest parts of the standard library: a no-op build of 72 episodes
takes a few milliseconds more than starting the interpreter, and each import would add to that.
"""

import os
import sys
from collections.abc import Mapping

from episodec.project import tree
from episodec.store import traces


class SeriesState:
    """The state of a series below a root: all specs, those that a build must look at, and built ones that are gone;
    relative to the root, sorted. Also the links that are not followed and the strays, see `tree.spec_files`; the
    `surroundings`; and, if all are current, how many have notes.
    """

    __slots__ = ("gone", "noted", "root", "skipped_links", "specs", "stale", "strays", "toolchain")

    def __init__(  # noqa: PLR0913, PLR0917 - a dataclass's, without its import.
        self,
        root: str,
        specs: list[str],
        stale: list[str],
        gone: list[str],
        left_out: list[str],
        strays: list[str],
        surroundings: str,
        noted: int,
    ) -> None:
        self.root = root
        self.specs = specs
        self.stale = stale
        self.gone = gone
        self.skipped_links = left_out
        self.strays = strays
        self.toolchain = surroundings
        self.noted = noted


LOWERING = (
    "PIL",
    "cv2",
    "jsonschema",
    "jsonschema_rs",
    "num2words",
    "numpy",
    "razdel",
    "sentencex",
    "soundfile",
    "soxr",
    "xxhash",
    "yaml",
)
"""Third-party packages that read, check and lower specs; a test compares this with all imports."""


def toolchain_signature(environment: Mapping[str, str]) -> str:
    """The signature of everything outside the project that traces depend on: this compiler, the packages that it lowers
    with, and whose settings are used.

    A settings file that git tracks is refused, but this is checked only when the file or the episode has changed: `git
    add -f` alone is not seen here, since git's index changes with every `git status`.
    """
    compiler = traces.compiler_signature(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    packages = traces.packages_signature(LOWERING, sys.path)
    starts = [getattr(sys.modules.get(name), "__file__", None) for name in ("sitecustomize", "usercustomize")]
    added = traces.pack([file for file in starts if file]).hex()
    compiler = f"{compiler}\n{packages}\n{environment.get('PYTHONPATH', '')}\n{added}"
    settings = tree.user_settings(environment)
    return f"{compiler}\n{settings}" if os.path.lexists(settings) else compiler


def series_state(place: tree.Place, variant: str, environment: Mapping[str, str]) -> SeriesState:
    """Find the stale specs of a series under this variant (profile and overrides): one scan, one table read, one
    comparison an episode.
    """
    left_out: list[str] = []
    strays: list[str] = []
    takes: list[str] = []
    specs = tree.spec_files(place, left_out, strays, takes)
    before = os.getcwd()
    os.chdir(place.root)  # Short relative paths: a third of the cost of a stat call is its path.
    try:
        compiler = toolchain_signature(environment)
        stale, gone, noted = traces.not_standing(
            os.path.join(place.cache(), "index.db"), place.series, variant, compiler, specs, takes
        )
    finally:
        os.chdir(before)
    return SeriesState(place.root, specs, stale, gone, left_out, strays, compiler, noted)
