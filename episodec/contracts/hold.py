"""Actions held against the contract of their stage before they are performed, and outputs before they are kept."""

from collections.abc import Mapping
from pathlib import Path

from episodec.contracts.catalogue import CONTRACTS
from episodec.contracts.contract import Output
from episodec.engine.action import Action
from episodec.engine.backend import WorkOrder
from episodec.errors import BackendError, GraphError

HINT = "`episodec schema --stages` says what the stage promises; mend the backend, nothing was kept"


def check_action(action: Action) -> None:
    """Nothing, if the action's inputs, params and promised outputs are those of its stage's contract.

    Raises:
        GraphError: they are not, or its stage has no contract.
    """
    contract = CONTRACTS.get(action.stage)
    wrong = ["the stage has no contract"] if contract is None else []
    wrong += [] if contract is None else contract.breaches(action.inputs, action.params, action.outputs)
    if wrong:
        facts = {"action": action.id, "stage": action.stage, "backend": action.backend, "wrong": "; ".join(wrong)}
        raise GraphError("an action is not what its stage's contract says", facts=facts)


def hold(order: WorkOrder) -> None:
    """Nothing, if a stage that reads the order's outputs can do so. Outputs of a stage without a contract are not read:
    each of our stages has one.

    Raises:
        BackendError: an output is not what its stage promises; backend, output and reason are named.
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
    except Exception as error:  # A reader may raise anything over a file that is not of its format.
        import traceback

        traceback.print_exception(error)
        raise _breach(order, output, name, f"{type(error).__name__}: {error}", {}) from error


def _breach(order: WorkOrder, output: Output, name: str, wrong: str, more: Mapping[str, str]) -> BackendError:
    """The error of an output that is not what its stage promises; `more`: what its reader tells of it."""
    facts = {
        "backend": order.backend,
        "stage": order.stage,
        "output": name,
        "promised": f"{output.format.name}: {output.format.words}",
        "found": wrong,
    }
    rest = {key: text for key, text in more.items() if key != "file" and key not in facts}
    return BackendError("an output is not what its stage promises", facts={**facts, **rest}, hint=HINT)
