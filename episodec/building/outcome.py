"""What a build came to."""

from collections.abc import Mapping
from dataclasses import dataclass

from episodec.engine.action import ActionId
from episodec.spec.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build of one series came to."""

    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, str]  # The texts that diagnostics point into, by path.
    episodes: int  # All that were asked for.
    current: int  # Of these, how many stood: nothing but signatures was looked at.
    published: int
    made: int
    failed: tuple[ActionId, ...]
    unpublished: tuple[str, ...]  # Specs whose deliverables are made and could not be put in dist/.
    interrupted: bool
    keep_going: bool = False
    noted: int = 0  # Of all that were asked for, how many have notes that are not allowed.
    root: str = ""
    folder: str = ""  # Where the profile's episodes are published, relative to the root.
    standing: int = 0  # Of all that were asked for, how many are there as they should be.
    films: tuple[str, ...] = ()  # Of the first few of these, what is to be seen or heard.
    is_partial: bool = False  # Some actions were asked for: nothing is published.
    files: tuple[str, ...] = ()  # What a partial build was asked to show: absolute paths.

    @property
    def exit_code(self) -> int:
        """0 all is well; 1 something is wrong; 3 something is wrong and the rest was made (--keep-going); 130
        interrupted.
        """
        if self.interrupted:
            return 130
        wrong = bool(self.failed or self.unpublished or any(one.severity == "error" for one in self.diagnostics))
        return 0 if not wrong else 3 if self.keep_going and (self.published or self.current) else 1
