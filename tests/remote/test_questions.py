"""`plan`, `status` and `why` say what lies in a shared cache and how many bytes a fetch is. They fetch nothing."""

from contextlib import chdir
from pathlib import Path

import pytest

from episodec.questions.plan import plan
from episodec.questions.status import status
from episodec.questions.why import why
from episodec.report.answers import plan_lines, status_lines
from episodec.report.paint import plain
from episodec.report.reasons import why_lines
from episodec.series.request import Request
from tests.builds import short
from tests.builds.studio import ROOT, Studio
from tests.remote.machines import Laboratory, key


def question(studio: Studio) -> Request:
    return Request(
        (str(studio.root / "episodes"),),
        environment=studio.environment,
        backends=studio.backends,
        worker_path=(ROOT,),
        lower=short.lower,
        only_reads=True,
    )


@pytest.fixture
def second(tmp_path: Path) -> Studio:
    laboratory = Laboratory(tmp_path)
    assert laboratory.machine("first", write="main").build().exit_code == 0
    return laboratory.machine("second")


def test_a_plan_says_what_is_shared_and_how_much_is_fetched(second: Studio) -> None:
    second.episode(1, text="Other words.")
    (answer,) = plan(question(second))
    assert (answer.shared.results, answer.shared.fetched_bytes) == (5, len("Words of episode 2.") + 2 * len("video 1"))
    lines = plan_lines([answer], plain)
    assert "2 in the cache, 2 of them shared" in lines[0]
    assert (
        lines[-1]
        == "2 episodes: 2 to build, 0 current · 1 action to make · 5 results in the shared cache, 33 B to fetch"
    )
    assert not list((second.root / "cache/blobs").rglob("*/*")), "nothing was fetched"
    again = plan_lines(plan(question(second)), plain)
    assert again == lines


def test_status_says_what_is_shared(second: Studio) -> None:
    lines = status_lines(status(question(second)), plain, verbose=False)
    assert lines[0].endswith("never built · 3 results in the shared cache, 26 B to fetch")


def test_why_says_where_a_result_lies(second: Studio) -> None:
    with chdir(second.root):
        lines = why_lines(why(question(second), "d13-001/voice"), plain)
    assert lines[0] == "d13-001/voice: its result is in the shared cache, 19 B to fetch; it does not run"


def test_why_says_why_a_record_is_not_believed(second: Studio, tmp_path: Path) -> None:
    other = key(tmp_path, "other").public
    file = Path(second.environment["XDG_CONFIG_HOME"], "episodec/local.yaml")
    file.write_text(f"episodec: 1\nshared_cache: {{url: 'file://{tmp_path}/remote', trust: ['{other}']}}\n")
    with chdir(second.root):
        lines = why_lines(why(question(second), "d13-001/voice"), plain)
    assert "it would run" in lines[0]
    assert "not trusted: its signer" in lines[0]
