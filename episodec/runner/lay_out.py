"""An order laid out on the side that runs it: a work folder with its inputs under their names, and one for outputs.

Knows a store and the files of this machine; not who sent the order.
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
    folder: Path  # The action's own, around `in` and `out`: a tool may drop what it likes there.
    refuse_damaged: Callable[[], None]  # Raises CorruptBlob when a stored input is no longer what it was.


@contextmanager
def laid_out(order: Order, blobs: Blobs, gpus: Sequence[int] = ()) -> Iterator[LaidOut]:
    """The order in a work folder of its own, which is removed at the end; its scratch folder stays, with what is in it.

    Raises:
        CorruptBlob: a stored input is missing or damaged; what was damaged is set aside.
        StoreError: no folder can be made.
    """
    with open_work(blobs.layout, order.key) as work:
        seen: dict[Path, tuple[Digest, Signature]] = {}
        inputs = {role: tuple(_placed(one, work, blobs, seen) for one in group) for role, group in order.inputs.items()}
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
            yield LaidOut(laid, work.path, lambda: _refuse_damaged(blobs, seen))
        finally:
            with suppress(OSError):  # There is something in it: to resume from, or until the result is recorded.
                laid.scratch.rmdir()


def brought_here(order: Order, blobs: Blobs, fetch: Fetch) -> Order:
    """The order as another machine can lay it out: inputs that its store lacks are fetched by digest.

    Raises:
        CorruptBlob: one cannot be fetched, or other bytes came.
    """
    inputs = {role: tuple(_brought(one, blobs, fetch) for one in group) for role, group in order.inputs.items()}
    return replace(order, inputs=inputs)


def _brought(one: OrderInput, blobs: Blobs, fetch: Fetch) -> OrderInput:
    if isinstance(one, BytesInput):
        return one
    if not blobs.has(one.blob.digest, one.blob.size):
        bring(blobs, one.blob, fetch)
    return StoredInput(one.name, Blob(one.blob.digest, one.blob.size))


def _placed(one: OrderInput, work: WorkFolder, blobs: Blobs, seen: dict[Path, tuple[Digest, Signature]]) -> Path:
    path = work.inputs / one.name
    try:
        match one:
            case StoredInput(blob=blob):
                found = blobs.open_blob(blob.digest)
                seen[found] = blob.digest, signature.of(found)
                path.symlink_to(found)
            case AuthorInput(path=file):
                path.symlink_to(file)
            case BytesInput(content=content):
                path.write_bytes(content)
                path.chmod(0o444)
    except OSError as error:
        raise unusable(error, path) from error
    return path


def _refuse_damaged(blobs: Blobs, seen: dict[Path, tuple[Digest, Signature]]) -> None:
    """Refuse what a tool made of a stored input whose bytes are no longer what they were: it may have read others.

    A blob that another build put there anew has the same bytes.

    Raises:
        CorruptBlob: one is missing or damaged.
    """
    for path, (digest, before) in seen.items():
        try:
            same = signature.of(path) == before
        except OSError:
            same = False
        if not same:
            try:
                blobs.open_blob(digest)
            except CorruptBlob as damage:
                facts = {**damage.facts, "digest": digest}
                raise CorruptBlob("a stored input was damaged while it was read", facts=facts) from damage
