"""Checks actions against their stage's contract before they run, and outputs before they are stored."""

from collections.abc import Mapping
from pathlib import Path

from episodec.contracts.catalogue import CONTRACTS
from episodec.contracts.contract import Output
from episodec.engine.action import Action
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, GraphError

HINT = "see `episodec schema --stages` for the contract; repair the backend: nothing was stored"


def check_action(action: Action) -> None:
    """Check that the action's inputs, params and outputs match its stage's contract.

    Raises:
        GraphError: they do not, or the stage has no contract.
    """
    contract = CONTRACTS.get(action.stage)
    wrong = ["the stage has no contract"] if contract is None else []
    wrong += [] if contract is None else contract.breaches(action.inputs, action.params, action.outputs)
    if wrong:
        facts = {"action": action.id, "stage": action.stage, "backend": action.backend, "wrong": "; ".join(wrong)}
        raise GraphError("an action breaks the contract of its stage", facts=facts)


def hold(order: WorkOrder) -> None:
    """Check that other stages can read the order's outputs. Outputs of a stage without a contract are not read;
    every built-in stage has one.

    Raises:
        BackendError: an output breaks the stage's contract; backend, output and reason are given.
    """
    contract = CONTRACTS.get(order.stage)
    for output in contract.outputs if contract is not None else ():
        for name, path in order.outputs.items():
            if output.has(name):
                _look_at(order, output, name, path)


def _look_at(order: WorkOrder, output: Output, name: str, path: Path) -> None:
    try:
        output.format.read(path, order)
    except BackendError as error:
        raise _breach(order, output, name, error.sentence, error.facts) from error
    except Exception as error:  # A reader may raise anything on a file of another format.
        import traceback

        traceback.print_exception(error)
        raise _breach(order, output, name, f"{type(error).__name__}: {error}", {}) from error


def _breach(order: WorkOrder, output: Output, name: str, wrong: str, more: Mapping[str, str]) -> BackendError:
    """The error of an output that breaks its contract; `more`: the reader's facts."""
    facts = {
        "backend": order.backend,
        "stage": order.stage,
        "output": name,
        "promised": f"{output.format.name}: {output.format.words}",
        "found": wrong,
    }
    rest = {key: text for key, text in more.items() if key != "file" and key not in facts}
    return BackendError("an output breaks the contract of its stage", facts={**facts, **rest}, hint=HINT)
