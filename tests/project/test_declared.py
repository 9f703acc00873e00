"""Wrong declarations of a backend of another package are reported with its name, not as a bug in episodec."""

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from episodec.engine.action import Resources
from episodec.errors import BackendError, SettingsError
from episodec.project.backends import Backends, all_notes
from episodec.spec.codes import CODES
from episodec.store.digests import FileDigests
from episodec.store.index import Index
from episodec.store.layout import open_layout

TARGET = "stranger_voice:Voice"
VOICE = """\
from fractions import Fraction
from pathlib import Path

from episodec.plugin import Duration, Fingerprint, Resources, SettingsError, BackendError, number_of


class Voice:
    stages = frozenset({"voice"})
    deterministic = True

    def fingerprint(self, settings, digests):
        return Fingerprint({})

    def run(self, order):
        pass

"""

Declare = Callable[[str], Backends]


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Makes the backends of a machine whose `stranger` has these lines in its class."""
    monkeypatch.syspath_prepend(tmp_path)
    index = Index(open_layout(tmp_path / "cache"))

    def make(lines: str) -> Backends:
        (tmp_path / "stranger_voice.py").write_text(VOICE + "".join(f"    {line}\n" for line in lines.splitlines()))
        monkeypatch.delitem(sys.modules, "stranger_voice", raising=False)
        return Backends(index, FileDigests(index, tmp_path), {}, "", {"stranger": TARGET}, (str(tmp_path),))

    yield make
    monkeypatch.delitem(sys.modules, "stranger_voice", raising=False)
    index.close()


def error_of(backends: Backends) -> BackendError:
    """The error of `stranger`, in the way that a build checks it."""
    with pytest.raises(BackendError) as caught:
        (backends.choice("stranger"), backends.fingerprint("voice", "stranger"), backends.adapter("stranger"))
    facts = caught.value.facts
    assert (facts["backend"], facts["target"], facts["package"]) == ("stranger", TARGET, "stranger_voice")
    assert caught.value.exit_code == 1
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("raise ValueError('no model')", "ValueError: no model"),
        ("return settings['model']", "KeyError: 'model'"),
        ("number_of('seed/1', {'at': Path('/tmp')}, 9)", "UnhashableValue: a PosixPath cannot be part of a key"),
    ],
)
def test_a_fingerprint_that_fails_is_the_packages_mistake(declare: Declare, body: str, error: str) -> None:
    actual = error_of(declare(f"def fingerprint(self, settings, digests):\n    {body}"))
    assert actual.sentence == "a backend raised an error while it was inspected"
    assert (actual.facts["failed"], actual.facts["error"].partition("\n")[0]) == ("fingerprint()", error)
    assert ".py, line " in actual.facts["at"]


@pytest.mark.parametrize(
    ("given", "wrong", "visible"),
    [
        ("{}", "fingerprint()", "{} (dict)"),
        ("None", "fingerprint()", "None (NoneType)"),
        ("Fingerprint(None)", "the parts of its fingerprint", "None (NoneType)"),
        ("Fingerprint({'w': Path('/tmp')})", "`w` of its fingerprint", "PosixPath('/tmp') (PosixPath)"),
        ("Fingerprint({'w': [{1: 2}]})", "`w` of its fingerprint", "[{1: 2}] (list)"),
        ("Fingerprint({'w': float('nan')})", "`w` of its fingerprint", "nan (float)"),
        ("Fingerprint({'w': frozenset()})", "`w` of its fingerprint", "frozenset() (frozenset)"),
        ("Fingerprint({7: 1})", "a part's name in its fingerprint", "7 (int)"),
        ("Fingerprint({'functions': 1})", "a part's name in its fingerprint", "'functions' (str)"),
        ("Fingerprint({}, watches=(Path('/a'),))", "a watch of its fingerprint", "PosixPath('/a') (PosixPath)"),
        ("Fingerprint({}, watches=('a',))", "a watch of its fingerprint", "'a' (str)"),
        ("Fingerprint({}, watches='/a')", "the watches of its fingerprint", "'/a' (str)"),
    ],
)
def test_what_is_no_fingerprint_is_told_with_what_was_expected(
    declare: Declare, given: str, wrong: str, visible: str
) -> None:
    actual = error_of(declare(f"def fingerprint(self, settings, digests):\n    return {given}"))
    assert actual.sentence == "a backend declares an invalid value"
    assert (actual.facts["wrong"], actual.facts["found"]) == (wrong, visible)
    assert actual.facts["expected"]


def test_an_object_of_its_own_in_a_fingerprint_is_refused(declare: Declare) -> None:
    actual = error_of(declare("def fingerprint(self, settings, digests):\n    return Fingerprint({'w': object()})"))
    assert (actual.facts["wrong"], actual.facts["found"][:15]) == ("`w` of its fingerprint", "<object object ")


@pytest.mark.parametrize(
    ("attribute", "value", "visible"),
    [
        ("resources", "4", "4 (int)"),
        ("resources", "None", "None (NoneType)"),
        ("resources", "Resources(cpus='2')", "Resources(cpus='2', "),
        ("resources", "Resources(cpus=0)", "Resources(cpus=0, "),
        ("resources", "Resources(gpus=-1)", "Resources(cpus=1, gpus=-1, "),
        ("resources", "Resources(memory_mib=1.5)", "Resources(cpus=1, gpus=0, memory_mib=1.5, "),
        ("resources", "Resources(timeout_s=0)", "Resources(cpus=1, gpus=0, memory_mib=0, timeout_s=0) "),
        ("resources", "lambda self, settings: 4", "4 (int)"),
        ("window_s", "14", "14 (int)"),
        ("window_s", "Fraction(0)", "Fraction(0, 1) (Fraction)"),
        ("window_s", "lambda self, settings: 14.0", "14.0 (float)"),
        ("paces", "20.0", "20.0 (float)"),
        ("paces", "(10,)", "(10,) (tuple)"),
        ("paces", "(30.0, 10.0)", "(30.0, 10.0) (tuple)"),
        ("paces", "('a', 2)", "('a', 2) (tuple)"),
        ("licence", "7", "7 (int)"),
        ("duration", "3", "3 (int)"),
        ("duration", "Duration(each_s='3')", "Duration(each_s='3', "),
        ("duration", "Duration(sound_s=-1)", "Duration(each_s=0.0, frame_s=0.0, sound_s=-1, "),
        ("is_adapter", "'no'", "'no' (str)"),
    ],
)
def test_an_attribute_that_cannot_be_is_told_with_what_was_expected(
    declare: Declare, attribute: str, value: str, visible: str
) -> None:
    actual = error_of(declare(f"{attribute} = {value}"))
    assert actual.sentence == "a backend declares an invalid value"
    assert actual.facts["wrong"] == attribute
    assert actual.facts["found"].startswith(visible)
    assert actual.facts["expected"]


@pytest.mark.parametrize("attribute", ["resources", "window_s", "paces", "licence", "duration", "is_adapter"])
def test_an_attribute_that_fails_is_the_packages_mistake(declare: Declare, attribute: str) -> None:
    actual = error_of(declare(f"@property\ndef {attribute}(self):\n    raise ZeroDivisionError('oh')"))
    assert (actual.facts["failed"], actual.facts["error"]) == (attribute, "ZeroDivisionError: oh")


@pytest.mark.parametrize("attribute", ["resources", "window_s"])
def test_a_method_that_fails_is_the_packages_mistake(declare: Declare, attribute: str) -> None:
    actual = error_of(declare(f"def {attribute}(self):\n    return None"))
    assert actual.facts["failed"] == f"{attribute}()"
    assert "positional argument" in actual.facts["error"]


@pytest.mark.parametrize(
    ("attribute", "value", "visible"),
    [
        ("stages", "{'voice'}", "{'voice'} (set)"),
        ("stages", "frozenset({1})", "frozenset({1}) (frozenset)"),
        ("deterministic", "None", "None (NoneType)"),
        ("notes", "{'loud': 'It is loud.'}", "{'loud': 'It is loud.'} (dict)"),
        ("overrides", "{'hz': 440}", "{'hz': 440} (dict)"),
    ],
)
def test_what_is_no_backend_is_told_by_its_name(declare: Declare, attribute: str, value: str, visible: str) -> None:
    actual = error_of(declare(f"{attribute} = {value}"))
    assert actual.sentence == "this class is not a backend"
    assert actual.facts["wrong"].startswith(f"{attribute} (")
    assert actual.facts[f"found {attribute}"] == visible


def test_what_is_missing_is_told_as_none(declare: Declare) -> None:
    actual = error_of(declare("del stages, deterministic, run"))
    assert actual.facts["wrong"] == "stages (a frozenset of names), deterministic (a bool), run()"
    assert (actual.facts["found stages"], actual.facts["found deterministic"]) == ("none", "none")


@pytest.mark.parametrize("attribute", ["stages", "deterministic", "notes", "overrides"])
def test_an_attribute_of_every_backend_that_fails_is_the_packages_mistake(declare: Declare, attribute: str) -> None:
    actual = error_of(declare(f"@property\ndef {attribute}(self):\n    raise ZeroDivisionError('oh')"))
    assert (actual.facts["failed"], actual.facts["error"]) == ("its attributes", "ZeroDivisionError: oh")


def test_errors_that_it_raises_on_purpose_are_told_by_its_name(declare: Declare) -> None:
    for attribute, arguments in (("resources", "settings"), ("fingerprint", "settings, digests")):
        body = f"def {attribute}(self, {arguments}):\n    raise SettingsError('no model', hint='{{BACKEND: x}}')"
        with pytest.raises(SettingsError) as caught:
            error_of(declare(body))
        assert (caught.value.facts, caught.value.hint) == ({"backend": "stranger"}, "{stranger: x}")
    body = "def fingerprint(self, settings, digests):\n    raise BackendError('no model', hint='get one')"
    assert (actual := error_of(declare(body))).sentence == "no model"
    assert actual.hint == "get one"


def test_what_may_be_said_is_taken(declare: Declare) -> None:
    lines = (
        "resources = Resources(2, timeout_s=0.5)\nwindow_s = Fraction(14)\nlicence = 'Free.'\nduration = Duration(1)\n"
    )
    actual = declare(lines + "is_adapter = True\nnotes = {'voice-odd': 'It is odd.'}")
    choice = actual.choice("stranger")
    assert (choice.resources, choice.window_s) == (Resources(2, timeout_s=0.5), Fraction(14))
    assert (actual.licence("stranger"), actual.tells("stranger")) == ("Free.", True)
    assert {"functions", "packages", "threads"} <= set(actual.fingerprint("voice", "stranger"))


def test_a_note_cannot_have_the_name_of_a_diagnostic(declare: Declare) -> None:
    actual = declare("notes = {'voice-odd': 'It is odd.', 'too-deep': 'A bass.'}")
    with pytest.raises(BackendError) as caught:
        actual.tells("stranger")
    (code,) = (code for code, one in CODES.items() if one.name == "too-deep")
    facts = caught.value.facts
    assert (facts["backend"], facts["note"], facts["diagnostic"]) == ("stranger", "too-deep", f"{code} too-deep")
    assert all_notes({"stranger": TARGET}) == {}
