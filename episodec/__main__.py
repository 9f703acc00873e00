"""`python -m episodec`.

Python puts the folder where it is started before all other places of modules, and that may be a stranger's checkout:
from here on nothing is imported from it. What comes before (parts of Python's library, and `episodec` itself) only the
installed command and `python -P -m episodec` never take from there.
"""

import sys

if not sys.flags.safe_path:
    del sys.path[0]

from episodec.cli import main

sys.exit(main())
