"""`python -m episodec`."""

import sys

from episodec.cli import main

sys.exit(main())
