"""The outcome of a build."""

from collections.abc import Mapping
from dataclasses import dataclass

from episodec.engine.action import ActionId
from episodec.spec.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of building one series."""

    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]  # The texts that diagnostics point into, by path.
    episodes: int  # All that were requested.
    current: int  # Of these, the number that were current and skipped by signatures alone.
    published: int
    made_count: int
    failed: tuple[ActionId, ...]
    unpublished: tuple[str, ...]  # Specs whose deliverables were made but could not be put into dist/.
    interrupted: bool
    keep_going: bool = False
    noted: int = 0  # The requested episodes that have notes their specs do not allow.
    root: str = ""
    folder: str = ""  # Where the profile's episodes are published, relative to the root.
    standing: int = 0  # The requested episodes that are up to date in dist/ now.
    films: tuple[str, ...] = ()  # The deliverables to play of the first few of these.
    is_partial: bool = False  # Only some actions were requested: nothing is published.
    files: tuple[str, ...] = ()  # The files that a partial build was asked for: absolute paths.

    @property
    def exit_code(self) -> int:
        """0: all is well. 1: an error. 3: an error, but the rest was built (--keep-going). 130: interrupted."""
        if self.interrupted:
            return 130
        wrong = bool(self.failed or self.unpublished or any(one.severity == "error" for one in self.diagnostics))
        return 0 if not wrong else 3 if self.keep_going and (self.published or self.current) else 1
