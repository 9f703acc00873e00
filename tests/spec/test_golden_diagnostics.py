"""One folder a case: specs in, the report as an author sees it out. UPDATE_GOLDEN=1 writes the reports anew."""

import os
from pathlib import Path

import pytest

from episodec.spec.diagnostic import Diagnostic
from episodec.spec.fit import check_fit
from episodec.spec.parse import parse_episode
from episodec.spec.reader import read
from episodec.spec.render import render, summarize
from episodec.spec.series_checks import EpisodeFacts, check_facts, gather_facts, index_claims
from tests.spec.specs import ALPHA, LANGUAGE, ROOT, SERIES

CASES = sorted((ROOT / "tests/golden/diagnostics").iterdir())


def report(folder: Path) -> str:
    actual: list[Diagnostic] = []
    facts: list[EpisodeFacts] = []
    sources = {}
    specs = sorted(folder.glob("*.episode.yaml"))
    for spec in specs:
        content = spec.read_bytes()
        sources[spec.name] = content.decode(errors="replace")
        document, wrong = read(content, spec.name)
        actual += wrong
        if document is not None:
            episode, wrong = parse_episode(document, SERIES, LANGUAGE)
            actual += wrong
            if episode is not None:
                actual += check_fit(episode, ALPHA, document)
            facts.append(gather_facts(document, SERIES, episode))
    index = index_claims(facts)
    actual += check_facts(facts, lambda claim: index.get(claim, ()))
    return render(actual, sources) + "\n" + summarize(actual, len(specs)) + "\n"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_report_is_the_expected_one(folder: Path) -> None:
    expected = folder / "expected.txt"
    text = report(folder)
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(text)
    assert text == expected.read_text()


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 30
