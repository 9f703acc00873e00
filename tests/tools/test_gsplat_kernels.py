"""Whether gsplat can have its CUDA kernels."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("files", "answer"),
    [({}, "False"), ({"gsplat/csrc.py": ""}, "True"), ({"bin/nvcc": ""}, "True")],
)
def test_gsplat_needs_its_kernels_or_a_compiler(tmp_path: Path, files: dict[str, str], answer: str) -> None:
    """On a machine with a GPU and neither, the first picture failed with an AttributeError."""
    for name, text in (files | {"gsplat/__init__.py": ""}).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\nfrom episodec.tools.gsplat_kernels import *\nprint(can_compile())"
    )
    environment = {"PATH": str(tmp_path / "bin"), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path], env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout == f"{answer}\n"
