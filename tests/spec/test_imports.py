"""Imports that a valid spec does not pay for."""

import subprocess
import sys

from tests.spec.specs import ROOT

PROGRAM = """
import sys
from tests.spec.specs import LANGUAGE, SERIES, EPISODE
from episodec.spec.parse import parse_episode
from episodec.spec.reader import read
document, found = read(EPISODE.encode(), "x")
assert parse_episode(document, SERIES, LANGUAGE)[0]
print(sorted({"jsonschema", "ruamel", "difflib"} & {name.split(".")[0] for name in sys.modules}))
"""


def test_a_valid_spec_imports_nothing_that_only_explains() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
