"""Hostile files: each is answered as the table says, in bounds of memory and time, and by no error of another kind.

The table is data, in cases/: what is in it is made by `bases` and `changes`, and read by `readers` in a process of its
own (`harness`).
"""

import importlib
from collections import Counter

import pytest

from tests.corpus.harness import Case, Kind, answer, cases, flaw
from tests.corpus.readers import READERS

LIBRARIES = ("trimesh", "torch", "soundfile", "av", "PIL.Image", "scipy.spatial")
SAMPLE = 12  # Every so many is read by `make test`.


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """The imports of readers are done before they are measured, and in all of their processes."""
    for name in LIBRARIES:
        importlib.import_module(name)


@pytest.mark.parametrize("case", cases()[::SAMPLE], ids=lambda case: f"{case.area}: {case.name}")
def test_a_hostile_file_is_answered_as_it_should_be(case: Case) -> None:
    assert flaw(case) is None


@pytest.mark.campaign
@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.area}: {case.name}")
def test_every_hostile_file_is_answered_as_it_should_be(case: Case) -> None:
    assert flaw(case) is None


def test_there_are_enough_of_them_in_every_area_and_no_name_twice() -> None:
    count = Counter(case.area for case in cases())
    assert set(count) == set(READERS)
    assert min(count.values()) >= 10
    assert sum(count.values()) >= 300
    names = Counter((case.area, case.name) for case in cases())
    assert max(names.values()) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"hoard", "loud"), (b"fill", "too much"), (b"spin", "too much"), (b"refuse", "refused"), (b"", "accepted")],
)
def test_the_harness_tells_what_breaks_its_bounds(content: bytes, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.corpus import harness

    monkeypatch.setattr(harness, "PROCESSOR_S", 0.2)
    monkeypatch.setitem(READERS, "toy", harness.toy())
    actual = answer("toy", content)
    assert ("too much" if actual.kind == "accepted" and harness.beyond(actual) else actual.kind) == kind
