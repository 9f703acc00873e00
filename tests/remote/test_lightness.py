"""A shared cache costs nothing where nothing is missing."""

import subprocess
import sys
from pathlib import Path

from tests.builds.studio import ROOT
from tests.remote.machines import Laboratory
from tests.remote.servers import serving

# Runs the command line with toys, then says which sockets it opened and what it imported of the shared cache.
CHILD = """
import socket, sys
opened = []
class Counted(socket.socket):
    def connect(self, where):
        opened.append(where)
        return super().connect(where)
socket.socket = Counted
from tests.cli.toy import main
code = main(sys.argv[1:])
heavy = sorted(name for name in sys.modules if name.startswith(("obstore", "cryptography", "episodec.remote.reading")))
print("child", code, opened, heavy, file=sys.stderr)
"""


def test_with_nothing_to_do_no_socket_is_opened_and_no_client_imported(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path)
    with serving(laboratory.root / "remote") as server:
        laboratory.url = server.url
        machine = laboratory.machine("machine", write="main")
        environment = {**laboratory.environment("machine"), "PATH": "/usr/bin:/bin", "PYTHONPATH": ROOT}

        def command(*given: str) -> str:
            answer = subprocess.run(
                [sys.executable, "-c", CHILD, *given],
                cwd=machine.root / "episodes",
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            return answer.stderr.splitlines()[-1]

        first = command("build")
        assert "obstore" in first
        asked = len(server.requests)
        assert asked >= 6
        assert command("build") == "child 0 [] []"
        assert command("plan") == "child 0 [] []"
        (machine.root / "episodes/series.yaml").touch()
        assert command("build") == "child 0 [] []"
        assert len(server.requests) == asked
