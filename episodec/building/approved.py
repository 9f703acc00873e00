"""Checks approved takes before use: their stage's contract reads the bytes, since no backend has run here."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from episodec.contracts.hold import hold
from episodec.engine.action import Action, ActionId
from episodec.engine.backend import WorkOrder
from episodec.engine.cache import Blob, Record
from episodec.engine.executor import AuthorInput, BytesInput, OrderInput, StoredInput
from episodec.engine.plan import Hit
from episodec.errors import BackendError, TakeError
from episodec.runner.order import OrderBuilder
from episodec.series.session import Session


class TakenCheck:
    """Checks each approved result once per build."""

    def __init__(self, session: Session, order_builder: OrderBuilder) -> None:
        self._session = session
        self._order_builder = order_builder
        self._checked: set[str] = set()

    def __call__(self, action: Action, hit: Hit, records: Mapping[ActionId, Record]) -> None:
        """Read the outputs of an approved result.

        Raises:
            TakeError: they are not what the stage makes.
            EpisodecError: they cannot be fetched.
        """
        if hit.key in self._checked:
            return
        given = self._order_builder.inputs(action, records)
        with TemporaryDirectory(prefix="episodec-take-") as folder:
            top = Path(folder)
            outputs = {name: self._linked(top / "out" / name, blob) for name, blob in hit.record.outputs.items()}
            inputs = {
                role: tuple(self._laid_out(top / "in" / role / one.name, one) for one in group)
                for role, group in given.items()
            }
            order = WorkOrder(hit.key, action.stage, action.backend, action.params, inputs, outputs, top / "scratch")
            try:
                hold(order)
            except BackendError as error:
                raise TakeError(
                    "the approved take is not what its stage makes",
                    facts={"action": action.id, **error.facts},
                    hint="`episodec takes unlock` removes the approval",
                ) from error
        self._checked.add(hit.key)

    def _laid_out(self, path: Path, given: OrderInput) -> Path:
        match given:
            case StoredInput(blob=blob):
                return self._linked(path, blob)
            case AuthorInput(path=source):
                return _link(path, Path(source))
            case BytesInput(content=content):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                return path

    def _linked(self, path: Path, blob: Blob) -> Path:
        if blob.place is not None and self._session.shared is not None:
            self._session.shared.bring([blob])
        return _link(path, self._session.cache.open_blob(blob.digest).absolute())


def _link(path: Path, target: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path
