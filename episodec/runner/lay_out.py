"""Lays an order out where it runs: a work folder with the inputs under their names, and a folder for outputs.

Knows a store and the files of this machine, not the sender of the order.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from episodec.digest import Digest
from episodec.engine.backend import WorkOrder
from episodec.engine.cache import Blob, Fetch
from episodec.engine.executor import AuthorInput, BytesInput, Order, OrderInput, StoredInput
from episodec.errors import CorruptBlob
from episodec.store import signature
from episodec.store.away import bring
from episodec.store.blobs import Blobs
from episodec.store.layout import unusable
from episodec.store.signature import Signature
from episodec.store.work import WorkFolder, open_work, scratch_for


@dataclass(frozen=True, slots=True)
class LaidOut:
    """An order laid out."""

    work: WorkOrder
    folder: Path  # The action's own, around `in` and `out`: tools may leave files there.
    refuse_damaged: Callable[[], None]  # Raises CorruptBlob if a stored input has changed.


@contextmanager
def laid_out(order: Order, blobs: Blobs, gpus: Sequence[int] = ()) -> Iterator[LaidOut]:
    """The order in its own work folder, which is removed at the end; a scratch folder with content stays.

    Raises:
        CorruptBlob: a stored input is missing or damaged; a damaged one is set aside.
        StoreError: a folder cannot be created.
    """
    with open_work(blobs.layout, order.key) as work:
        signatures: dict[Path, tuple[Digest, Signature]] = {}
        inputs = {
            role: tuple(_placed(one, work, blobs, signatures) for one in group) for role, group in order.inputs.items()
        }
        laid = WorkOrder(
            key=order.key,
            stage=order.stage,
            backend=order.backend,
            params=order.params,
            inputs=inputs,
            outputs={name: work.outputs / name for name in order.outputs},
            scratch=scratch_for(blobs.layout, order.key),
            settings=order.settings,
            cpus=order.cpus,
            gpus=tuple(gpus),
        )
        try:
            yield LaidOut(laid, work.path, lambda: _refuse_damaged(blobs, signatures))
        finally:
            with suppress(OSError):  # Not empty: kept to resume from, or until the result is recorded.
                laid.scratch.rmdir()


def brought_here(order: Order, blobs: Blobs, fetch: Fetch) -> Order:
    """The order ready for another machine: inputs missing from its store are fetched by digest.

    Raises:
        CorruptBlob: an input cannot be fetched, or other bytes arrived.
    """
    inputs = {role: tuple(_brought(one, blobs, fetch) for one in group) for role, group in order.inputs.items()}
    return replace(order, inputs=inputs)


def _brought(order_input: OrderInput, blobs: Blobs, fetch: Fetch) -> OrderInput:
    if isinstance(order_input, BytesInput):
        return order_input
    if not blobs.has(order_input.blob.digest, order_input.blob.size):
        bring(blobs, order_input.blob, fetch)
    return StoredInput(order_input.name, Blob(order_input.blob.digest, order_input.blob.size))


def _placed(
    order_input: OrderInput, work: WorkFolder, blobs: Blobs, signatures: dict[Path, tuple[Digest, Signature]]
) -> Path:
    path = work.inputs / order_input.name
    try:
        match order_input:
            case StoredInput(blob=blob):
                blob_path = blobs.open_blob(blob.digest)
                signatures[blob_path] = blob.digest, signature.of(blob_path)
                path.symlink_to(blob_path)
            case AuthorInput(path=file):
                path.symlink_to(file)
            case BytesInput(content=content):
                path.write_bytes(content)
                path.chmod(0o444)
    except OSError as error:
        raise unusable(error, path) from error
    return path


def _refuse_damaged(blobs: Blobs, signatures: dict[Path, tuple[Digest, Signature]]) -> None:
    """Check that stored inputs were not damaged while a tool read them.

    A blob that another build has replaced meanwhile has the same bytes.

    Raises:
        CorruptBlob: an input is missing or damaged.
    """
    for path, (digest, before) in signatures.items():
        try:
            same = signature.of(path) == before
        except OSError:
            same = False
        if not same:
            try:
                blobs.open_blob(digest)
            except CorruptBlob as damage:
                facts = {**damage.facts, "digest": digest}
                raise CorruptBlob("a stored input was damaged while in use", facts=facts) from damage
