"""The overrides of each backend: all of them are declared, and whoever performs an order enforces them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from episodec.backends import BUILTIN
from episodec.errors import BackendError
from episodec.overrides import Override, of_stage
from episodec.runner.loading import load
from episodec.runner.perform import LoadedBackends, unheld
from episodec.stages import STAGES
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from tests.toys.orders import sent


def declared() -> Iterator[tuple[str, str, Override]]:
    """Every override of our own backends, with its backend."""
    for backend, target in BUILTIN.items():
        for name, kind in getattr(load(target), "overrides", {}).items():
            yield backend, name, kind


def stages_of(backend: str) -> list[tuple[str, str]]:
    return [(backend, stage) for stage in sorted(load(BUILTIN[backend]).stages)]


@pytest.mark.parametrize(("backend", "stage"), [pair for backend in BUILTIN for pair in stages_of(backend)])
def test_an_override_that_a_backend_does_not_declare_is_refused_before_it_runs(
    tmp_path: Path, backend: str, stage: str
) -> None:
    first = sent(tmp_path, backend, stage=stage, params={"overrides": {"nonsense": 1}})
    blobs = Blobs(open_layout(tmp_path / "store"))
    with pytest.raises(BackendError, match=r"has no such parameter|has nothing to override") as caught:
        LoadedBackends().run(BUILTIN[backend], first.order, first.log, blobs, unheld)
    assert caught.value.facts == {"stage": stage, "unknown": "nonsense"}
    known = of_stage(load(BUILTIN[backend]), stage)
    assert caught.value.hint == (f"it takes {', '.join(known)}" if known else f"remove `overrides.{stage}`")


def test_declarations_are_whole() -> None:
    for backend, name, kind in declared():
        place = f"{backend}.{name}"
        assert kind.meaning.endswith("."), place
        assert "\n" not in kind.meaning, place
        assert set(kind.stages) <= set(load(BUILTIN[backend]).stages) <= set(STAGES), place
        assert kind.default is not None or kind.otherwise, place
        assert kind.default is None or kind.accepts(kind.default), place


def test_stages_of_one_backend_may_take_different_overrides() -> None:
    relief = load(BUILTIN["relief"])
    assert set(of_stage(relief, "scene")) == {"slices"}
    assert of_stage(relief, "views") == {}
