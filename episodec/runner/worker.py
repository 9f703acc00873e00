"""What a process does in which backends run; an executor starts its program, `executors.worker`, by `fresh`.

It sees orders, never episodes.
Orders come in on what was its stdin and answers leave on what was its stdout, both moved to private descriptors, so
that nothing a backend or its children print or read can disturb them.
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
from episodec.runner.perform import Hold, WarmBackends, unheld
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
    """Answer orders until the order pipe ends; then end every process below this one, and this one. Outputs are held
    with `hold` where their order's message says so.
    """
    orders, answers = _private_pipes()
    os.environ.pop("PYTHONPATH", None)  # It was for this process; a tool's own Python must not see our modules.
    os.umask(0o022)
    faulthandler.enable()  # A crash in native code leaves its stack in the action's log.
    inbox: SimpleQueue[Message] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders, inbox), name="orders", daemon=True).start()
    warm, stores = WarmBackends(), dict[str, Blobs]()
    while True:
        send(answers, _answer(warm, stores, inbox.get(), hold))


def _answer(warm: WarmBackends, stores: dict[str, Blobs], message: Message, hold: Hold) -> Message:
    """One order's outcome as plain data. `stores` remember which blobs this process found sound."""
    started = time.perf_counter()
    try:
        root = message["store"]
        if root not in stores:
            stores[root] = Blobs(open_layout(root), verified={})
        order, log, held = order_from_plain(message["order"]), Path(message["log"]), hold if message["held"] else unheld
        limit_memory(message["memory_mib"], watched=bool(message["gpus"]))
        keep_fresh(message["target"].partition(":")[0])
        made, notes = warm.perform(message["target"], order, log, stores[root], held, message["gpus"])
    except EpisodecError as error:
        return {"error": error_to_plain(error), "seconds": time.perf_counter() - started}
    seconds = time.perf_counter() - started
    return {"outputs": blobs_to_plain(made), "notes": notes_to_plain(notes), "seconds": seconds}


def _listen(orders: int, inbox: SimpleQueue[Message]) -> None:
    """Pass on orders. The pipe ends when the executor lets go or dies, even by SIGKILL: nothing may outlive that."""
    while (message := receive(orders)) is not None:
        inbox.put(message)
    kill_tree(os.getpid())


def _private_pipes() -> tuple[int, int]:
    """Descriptors for orders and answers that no child inherits; 0 reads nothing and 1 goes where 2 goes."""
    orders, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return orders, answers
