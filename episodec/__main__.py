"""`python -m episodec`.

Python puts the folder it is started in first on the module path, and that may be an untrusted checkout. From here on
nothing is imported from it. Whatever is imported earlier (parts of the standard library, and `episodec` itself) is safe
only with the installed command or `python -P -m episodec`.
"""

import sys

if not sys.flags.safe_path:
    del sys.path[0]

from episodec.cli import main

sys.exit(main())
