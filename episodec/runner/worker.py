"""The main loop of a process that runs backends; an executor starts its program, `executors.worker`, through `fresh`.

It sees orders, never episodes.
Orders arrive on the original stdin and answers leave on the original stdout, both moved to private descriptors, so
nothing that a backend or its children print or read can disturb them.
"""

import faulthandler
import os
import threading
import time
from pathlib import Path
from queue import SimpleQueue

from episodec.errors import EpisodecError
from episodec.runner.fresh import keep_fresh
from episodec.runner.kill import kill_tree
from episodec.runner.limits import limit_memory
from episodec.runner.perform import Hold, LoadedBackends, unheld
from episodec.runner.wire import (
    Message,
    blobs_to_plain,
    error_to_plain,
    notes_to_plain,
    order_from_plain,
    receive,
    send,
)
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout


def serve(hold: Hold) -> None:
    """Serve orders until the order pipe closes, then kill all descendants and this process. Outputs are checked with
    `hold` if the order's message says so.
    """
    orders, answers = _private_pipes()
    os.environ.pop("PYTHONPATH", None)  # For this process only; a tool's own Python must not import our modules.
    os.umask(0o022)
    faulthandler.enable()  # A crash in native code leaves its stack in the log.
    inbox: SimpleQueue[Message] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders, inbox), name="orders", daemon=True).start()
    warm, stores = LoadedBackends(), dict[str, Blobs]()
    while True:
        send(answers, _answer(warm, stores, inbox.get(), hold))


def _answer(warm: LoadedBackends, stores: dict[str, Blobs], message: Message, hold: Hold) -> Message:
    """The outcome of one order as plain data. `stores` remembers the blobs that this process has verified."""
    started = time.perf_counter()
    try:
        root = message["store"]
        if root not in stores:
            stores[root] = Blobs(open_layout(root), verified={})
        order, log, held = order_from_plain(message["order"]), Path(message["log"]), hold if message["held"] else unheld
        limit_memory(message["memory_mib"], watched=bool(message["gpus"]))
        keep_fresh(message["target"].partition(":")[0])
        outputs, notes = warm.run(message["target"], order, log, stores[root], held, message["gpus"])
    except EpisodecError as error:
        return {"error": error_to_plain(error), "seconds": time.perf_counter() - started}
    seconds = time.perf_counter() - started
    return {"outputs": blobs_to_plain(outputs), "notes": notes_to_plain(notes), "seconds": seconds}


def _listen(orders: int, inbox: SimpleQueue[Message]) -> None:
    """Pass on orders. The pipe closes when the executor closes it or dies, even by SIGKILL: then all must end."""
    while (message := receive(orders)) is not None:
        inbox.put(message)
    kill_tree(os.getpid())


def _private_pipes() -> tuple[int, int]:
    """Descriptors for orders and answers that children do not inherit; 0 becomes empty and 1 a copy of 2."""
    orders, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return orders, answers
