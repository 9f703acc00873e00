"""The public API for backends in other packages: the names here, in `episodec.plugin.sound` and in
`episodec.plugin.pictures`. docs/howto-backend.md shows how to write a backend.

Stability: within one minor version (0.1.x) each of these names is kept with its arguments; fields and optional
arguments may be added. A removal is announced one minor version ahead. Every other module of episodec may change at any
time. The code of episodec that a backend reaches through these names counts in its keys, as does the code that performs
orders: an upgrade that changes `write_wav` remakes everything written with it.

- The class: `Backend` is its interface. `WorkOrder` is everything it knows about an action. `Resources` is what it
  holds while it runs, and `Duration` is how long that may take. `Fingerprint`, `Settings` and `Digester` are the result
  and the arguments of its `fingerprint`.
- Errors: `BackendError` has a sentence, facts and a hint; `TransientError` means that a retry may help; `SettingsError`
  means that this machine lacks something.
- Notes: `order.note(code, sentence, facts=…, hint=…)` reports a result that deviates from the request. The class
  declares its codes in `notes`, a mapping from each code to a line that explains it.
- Overrides: `Overrides` maps names to `Whole`, `Number`, `Text`, `Choice` or `Flag`; `overrides_of` reads them.
- Tools: `run_tool` runs a program; `path_setting` reads a path from the settings; `package_versions` is for packages
  that only another library imports; `number_of` makes a seed from the request.
- Time: `SAMPLE_RATE` in Hz, and `samples_per_frame`.

Importing this module is cheap. `sound` and `pictures` import numpy: import them inside `run`.
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
