# ruff: noqa: T201  # What backends print must end in a log.
"""Small backends with known behaviour, for tests of the engine: real classes that real workers load by name."""

import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from episodec.digest import Canonical, digest_bytes, digest_value
from episodec.engine.backend import Digester, Duration, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError, TransientError
from episodec.overrides import Overrides, Text, Whole

STAGES = frozenset(
    {"toy", "voice", "foley", "video", "scene", "render", "mix", "mux", "join", "encode", "picture", "stills", "check"}
    | {"audio", "captions", "views", "motion", "refine", "dataset", "train", "scene-check"}
    | {"plan-picture", "performance", "rig", "post", "entry"}
)


class Toy:
    """The shared parts of the toys: their stages, and a fingerprint that a setting `version` can change."""

    stages: ClassVar[frozenset[str]] = STAGES
    deterministic: ClassVar[bool] = True
    overrides: ClassVar[Overrides] = {
        "hint": Whole(0, 9, default=0, meaning="Another result."),
        "preset": Text(default="fast", stages=("video",), meaning="Another result, of a video."),
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({"toy": type(self).__name__, "version": settings.get("version", "1")})

    def run(self, order: WorkOrder) -> None:
        raise NotImplementedError


class Concat(Toy):
    """Writes params["text"] and the contents of all inputs, in order of roles, to each output."""

    def run(self, order: WorkOrder) -> None:
        content = _text(order.params, "text").encode() + _inputs(order)
        for name, path in order.outputs.items():
            path.write_bytes(content + (name.encode() if len(order.outputs) > 1 else b""))


class Long(Concat):
    """As Concat, and says that it takes long."""

    duration: ClassVar[Duration] = Duration(each_s=50)


class Tell(Concat):
    """As Concat; tells of every word of params["text"] that ends in an exclamation mark."""

    notes: ClassVar[Mapping[str, str]] = {"toy-loud": "A word is loud.", "toy-quiet": "A word is quiet."}

    def run(self, order: WorkOrder) -> None:
        for word in _text(order.params, "text").split():
            if word.endswith("!"):
                order.note("toy-loud", f"«{word}» is loud", facts={"word": word}, hint="say it softly")
        super().run(order)


class TellUpper(Tell):
    """Tells as Tell does; its output is in capital letters."""

    def run(self, order: WorkOrder) -> None:
        super().run(order)
        for path in order.outputs.values():
            path.write_bytes(path.read_bytes().upper())


class TellWrong(Concat):
    """Tells what params["text"] names: a note that is not declared, of two lines, with a path, with no plain value."""

    notes: ClassVar[Mapping[str, str]] = {"toy-loud": "A word is loud."}

    def run(self, order: WorkOrder) -> None:
        match _text(order.params, "text"):
            case "undeclared":
                order.note("toy-other", "nobody knows this code")
            case "lines":
                order.note("toy-loud", "one\ntwo")
            case "path":
                order.note("toy-loud", f"it lies in {order.output().parent}")
            case "scratch":
                order.note("toy-loud", "a fact", facts={"kept": [str(order.scratch)]})
            case "value":
                order.note("toy-loud", "a number", facts={"loudness": float("nan")})
            case other:
                raise ValueError(other)
        super().run(order)


class DigestText(Toy):
    """A line of text that differs with what it is given."""

    def run(self, order: WorkOrder) -> None:
        content = f"{digest_value('told', dict(order.params))} {digest_bytes(_inputs(order))}\n"
        for path in order.outputs.values():
            path.write_text(content)


class Upper(Toy):
    """Its inputs and params["text"] in capital letters: different inputs can give the same output."""

    def run(self, order: WorkOrder) -> None:
        content = (_text(order.params, "text").encode() + _inputs(order)).upper()
        for path in order.outputs.values():
            path.write_bytes(content)


class Adapter(Upper):
    """As a program that is not ours makes it."""

    is_adapter: ClassVar[bool] = True


class Slow(Toy):
    """Takes params["seconds"] in ten steps; a step done once, noted in the scratch folder, is not done again."""

    def run(self, order: WorkOrder) -> None:
        done = order.scratch / "steps"
        order.scratch.mkdir(parents=True, exist_ok=True)
        steps = len(done.read_bytes()) if done.exists() else 0
        print(f"resuming at step {steps}")
        while steps < 10:
            time.sleep(float(_text(order.params, "seconds") or 1) / 10)
            with done.open("ab") as file:
                file.write(b".")
            steps += 1
        Concat().run(order)


class Spoil(Toy):
    """Does its work, and the first time damages the stored files that it read."""

    def run(self, order: WorkOrder) -> None:
        Concat().run(order)
        mark = order.scratch / "spoilt"
        if not mark.exists():
            mark.touch()
            for path in (one.resolve() for paths in order.inputs.values() for one in paths):
                path.chmod(0o644)
                path.write_bytes(b"spoilt")


class Fail(Toy):
    """Says something, then fails: with BackendError, or with params["how"] = "foreign" or "exit"; with "spoil", because
    its stored input is damaged meanwhile.
    """

    def run(self, order: WorkOrder) -> None:
        print("about to fail")
        match _text(order.params, "how"):
            case "foreign":
                raise ZeroDivisionError("a tool's own mistake")
            case "exit":
                sys.exit(3)
            case "spoil":
                blob = order.input("part.txt").resolve()
                blob.chmod(0o644)
                blob.write_bytes(b"damaged")
                raise ValueError("this is no text")
            case _:
                raise BackendError("the toy fails", facts={"why": "it was asked to"}, hint="ask for another toy")


class Flaky(Toy):
    """Fails in a way worth retrying, params["times"] times; counted in the folder settings["counts"]."""

    def run(self, order: WorkOrder) -> None:
        count = Path(order.settings["counts"]) / order.key.replace(":", "-")
        failed = len(count.read_bytes()) if count.exists() else 0
        if failed < int(_text(order.params, "times") or 1):
            with count.open("ab") as file:
                file.write(b".")
            raise TransientError("the toy is flaky", facts={"attempt": failed + 1})
        Concat().run(order)


class Hoard(Toy):
    """Fills so many MiB of memory, params["mib"], and holds them for a second; with params["how"] = "files", opens more
    files than it may.
    """

    def run(self, order: WorkOrder) -> None:
        if _text(order.params, "how") == "files":
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            self.held: list[object] = [os.open(os.devnull, os.O_RDONLY) for _ in range(65)]
        else:
            self.held = [bytearray(b"x") * (1 << 20) for _ in range(int(_text(order.params, "mib")))]
            time.sleep(1)
        Concat().run(order)


class Imports(Toy):
    """Imports the module params["text"]."""

    def run(self, order: WorkOrder) -> None:
        import_module(_text(order.params, "text"))
        Concat().run(order)


class Crash(Toy):
    """Ends its own process by the signal params["signal"] (SIGKILL)."""

    def run(self, order: WorkOrder) -> None:
        print("about to crash", flush=True)
        os.kill(os.getpid(), getattr(signal, _text(order.params, "signal") or "SIGKILL"))
        time.sleep(60)


class Spawn(Toy):
    """Starts sleeping children, in its own group, in another and in another session, notes their pids, and sleeps."""

    def run(self, order: WorkOrder) -> None:
        sleeper = [sys.executable, "-c", "import time; time.sleep(300)"]
        children = [
            subprocess.Popen(sleeper),
            subprocess.Popen(sleeper, process_group=0),
            subprocess.Popen(["/bin/sh", "-c", "sleep 300 & sleep 300"], start_new_session=True),
        ]
        pids = [os.getpid(), *(child.pid for child in children)]
        Path(order.settings["pids"]).write_text(" ".join(map(str, pids)))
        time.sleep(float(_text(order.params, "seconds") or 300))


class Liar(Toy):
    """Ends well without an output; params["how"] says what it leaves in its place."""

    def run(self, order: WorkOrder) -> None:
        match _text(order.params, "how"):
            case "link":
                order.output().symlink_to("/etc/hostname")
            case "folder":
                order.output().mkdir()
            case _:
                pass


class Extra(Toy):
    """Writes its outputs and one more."""

    def run(self, order: WorkOrder) -> None:
        Concat().run(order)
        (next(iter(order.outputs.values())).parent / "surprise.txt").write_text("unexpected")


class Random(Toy):
    """Gives other bytes each time."""

    deterministic: ClassVar[bool] = False

    def run(self, order: WorkOrder) -> None:
        for path in order.outputs.values():
            path.write_text(f"{random.SystemRandom().random()}")


class Chatty(Toy):
    """Prints in every way there is, and a child with it, and reads stdin; then does its work."""

    def run(self, order: WorkOrder) -> None:
        print("by print", "x" * 100_000)
        print("by print to stderr", file=sys.stderr)
        sys.__stdout__.write("by the first stdout\n") if sys.__stdout__ else None
        os.write(1, b"by descriptor 1\n\x00\x00\x00\x05")
        os.write(2, b"by descriptor 2\n")
        subprocess.run(["/bin/sh", "-c", "echo by child; echo by child to stderr >&2; cat"], check=True)
        (order.outputs[next(iter(order.outputs))].parents[1] / "litter").write_text("beside the outputs")
        Concat().run(order)


class Talk(Toy):
    """Says how far it is, over and over in one line as training programs do, until there is a file `enough` in its
    scratch folder; then its child says something and waits for a file `over` there.
    """

    def run(self, order: WorkOrder) -> None:
        order.scratch.mkdir(parents=True, exist_ok=True)
        (order.scratch / "talking").touch()
        step = 0
        while not (order.scratch / "enough").exists():
            step += 1
            print(f"\r\x1b[32miteration {step}/30\x1b[0m", end="", flush=True)
            time.sleep(0.1)
        program = "echo; echo its child; until [ -e over ]; do sleep 0.1; done"
        subprocess.run(["/bin/sh", "-c", program], cwd=order.scratch, check=True)
        Concat().run(order)


class Late(Toy):
    """Does its work, and goes on printing from a thread when it is done."""

    def run(self, order: WorkOrder) -> None:
        Concat().run(order)

        def print_on() -> None:
            for _ in range(50):
                os.write(1, b"late\n")
                print("late")
                time.sleep(0.01)

        threading.Thread(target=print_on, daemon=True).start()


class Model(Toy):
    """Loads the file settings["model"] once, noting it in settings["loads"]; its digest is in the fingerprint."""

    def __init__(self) -> None:
        self._model: bytes | None = None

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        model = settings["model"]
        return Fingerprint({"version": "1", "model": digests.of(model)}, watches=(model,))

    def run(self, order: WorkOrder) -> None:
        if self._model is None:
            self._model = Path(order.settings["model"]).read_bytes()
            with Path(order.settings["loads"]).open("a") as file:
                file.write(f"{os.getpid()}\n")
        order.output().write_bytes(self._model + _text(order.params, "text").encode() + _inputs(order))


class Look(Toy):
    """Writes what it sees of its surroundings: environment, folders, umask, threads, GPUs."""

    def run(self, order: WorkOrder) -> None:
        import json
        import locale
        import tempfile

        mask = os.umask(0)
        os.umask(mask)
        observed = {
            "environment": dict(os.environ),
            "cwd": os.getcwd(),  # noqa: PTH109
            "temporary": tempfile.gettempdir(),
            "umask": mask,
            "encoding": locale.getpreferredencoding(),
            "zone": time.tzname,
            "stdin": sys.stdin.read(),
            "path": sys.path,
            "cpus": order.cpus,
            "gpus": order.gpus,
            "pid": os.getpid(),
        }
        order.output().write_text(json.dumps(observed))


def _text(params: Mapping[str, Canonical], name: str) -> str:
    value = params.get(name, "")
    return value.decode() if isinstance(value, bytes) else str(value)


def _inputs(order: WorkOrder) -> bytes:
    return b"".join(path.read_bytes() for role in sorted(order.inputs) for path in order.inputs[role])


class EveryStage(DigestText):
    """Does any stage, as Told does: what differs in the least gives another result."""

    stages: ClassVar[frozenset[str]] = STAGES | {"plan", "overlay", "foley-join"}


class Deaf(EveryStage):
    """Hears no difference of letters' case in params["text"], so that another text can give the same result."""

    def run(self, order: WorkOrder) -> None:
        for path in order.outputs.values():
            path.write_text(_text(order.params, "text").upper())
