"""All that a backend of another package may import of episodec: the names here, and those of `episodec.plugin.sound`
and `episodec.plugin.pictures`. docs/howto-backend.md shows how to write one.

The promise. Within one minor version (0.1.x) each of these names stays and takes the same arguments; fields and
optional arguments may be added. What goes is announced in one minor version and gone in the next. Every other module of
episodec may change at any time. Of our code, what a backend reaches through these names counts in its keys, and how
orders are performed: an upgrade that changes `write_wav` makes anew what was written with it.

- The class: `Backend` is what it must have. `WorkOrder` is all it is told of an action. `Resources` is what it holds
  while it runs, and `Duration` is how long that may take. `Fingerprint`, `Settings` and `Digester` are what its
  `fingerprint` gives and gets.
- Errors: `BackendError`, with a sentence, facts and a hint; `TransientError`, when trying again may help;
  `SettingsError`, when this machine lacks something.
- Notes: what came out otherwise than it was asked for is told by `order.note(code, sentence, facts=…, hint=…)`; the
  class declares its codes in `notes`, a mapping of each to a line that says what it means.
- Overrides: `Overrides` maps names to `Whole`, `Number`, `Text`, `Choice` or `Flag`; `overrides_of` reads them.
- Tools: `run_tool` runs a program; `path_setting` reads a place out of the settings; `package_versions` is for packages
  that only another library imports; `number_of` makes a seed of what is asked for.
- Time: `SAMPLE_RATE`, in Hz, and `samples_per_frame`.

Importing this module is cheap. `sound` and `pictures` bring numpy: import them inside `run`.
"""

from episodec.digest import number_of
from episodec.engine.action import Resources
from episodec.engine.backend import Backend, Digester, Duration, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, SettingsError, TransientError
from episodec.overrides import Choice, Flag, Number, Overrides, Text, Whole
from episodec.timebase import SAMPLE_RATE, samples_per_frame
from episodec.tools.fingerprint import needed as package_versions
from episodec.tools.installed import path_setting
from episodec.tools.params import overrides_of
from episodec.tools.process import run_tool

__all__ = [
    "SAMPLE_RATE",
    "Backend",
    "BackendError",
    "Choice",
    "Digester",
    "Duration",
    "Fingerprint",
    "Flag",
    "Number",
    "Overrides",
    "Resources",
    "Settings",
    "SettingsError",
    "Text",
    "TransientError",
    "Whole",
    "WorkOrder",
    "number_of",
    "overrides_of",
    "package_versions",
    "path_setting",
    "run_tool",
    "samples_per_frame",
]
