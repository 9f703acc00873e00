"""Values that two episodes must not share, whether all are checked or only the one that changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.spec.series_checks import EpisodeFacts, check_facts, gather_facts, index_claims, normalize_prompt
from episodec.spec.structure import plain, structure
from tests.spec.specs import EPISODE, SERIES, accepted, document


def check(*facts: EpisodeFacts) -> list[tuple[str, str]]:
    index = index_claims(facts)
    return [(one.code, one.path) for one in check_facts(facts, lambda claim: index.get(claim, ()))]


def test_a_number_is_unique_in_its_season() -> None:
    assert check(EpisodeFacts("a", 1, "s"), EpisodeFacts("b", 1, "s"), EpisodeFacts("c", 1, "t")) == [("X301", "b")]


def test_names_that_differ_in_case_are_one_name() -> None:
    assert check(EpisodeFacts("a", 1, name="Alpha_1"), EpisodeFacts("b", 2, name="alpha_1")) == [("X302", "b")]


def test_a_number_twice_is_not_said_again_as_a_name_twice() -> None:
    assert check(EpisodeFacts("a", 1, name="x"), EpisodeFacts("b", 1, name="x")) == [("X301", "b")]


def test_the_later_episode_with_a_foley_prompt_must_mean_it() -> None:
    first, later = EpisodeFacts("b", 1, foley_prompt="rain"), EpisodeFacts("a", 2, foley_prompt="rain")
    assert check(first, later) == [("X303", "a")]
    assert check(first, EpisodeFacts("a", 2, foley_prompt="rain", reuse=True)) == []
    assert check(EpisodeFacts("b", 1, foley_prompt="rain", reuse=True), later) == [("X303", "a")]


@pytest.mark.parametrize(
    "prompt",
    ["quiet room, soft rain", "Quiet Room: SOFT rain!", "  quiet\n room\tsoft — rain ", "ｑｕｉｅｔ room soft rain"],
)
def test_prompts_are_compared_without_case_punctuation_and_spacing(prompt: str) -> None:
    assert normalize_prompt(prompt) == "quiet room soft rain"


@pytest.mark.parametrize(("case", "other"), [("straße", "STRASSE"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("ﬁre", "FIRE")])
def test_prompts_are_compared_without_case_in_every_alphabet(case: str, other: str) -> None:
    assert normalize_prompt(case) == normalize_prompt(other)


FACTS = st.lists(
    st.builds(
        EpisodeFacts,
        path=st.uuids().map(str),
        number=st.none() | st.integers(1, 4),
        season=st.sampled_from(["s", "t"]),
        name=st.none() | st.sampled_from(["a", "A", "b"]),
        foley_prompt=st.none() | st.sampled_from(["rain", "wind"]),
        reuse=st.booleans(),
    ),
    max_size=8,
)


@given(FACTS)
def test_checking_one_at_a_time_finds_what_checking_all_finds(facts: list[EpisodeFacts]) -> None:
    index = index_claims(facts)
    whole = check_facts(facts, lambda _: ())
    parts = {one for single in facts for one in check_facts([single], lambda claim: index.get(claim, ()))}
    assert set(whole) == parts


def test_facts_are_plain_data_that_comes_back() -> None:
    first = document(EPISODE + "foley: {prompt: rain, reuse: true}\n")
    facts = gather_facts(first, SERIES, accepted(first.text))
    assert facts.name == "alpha_d13_episode72"
    again = structure(json.loads(json.dumps(plain(facts))), EpisodeFacts)
    assert again == facts
    assert again.number_span is not None
    assert again.number_span.line == 2


def test_a_refused_spec_still_takes_part() -> None:
    first = document(EPISODE + "qqq: 1\n")
    assert gather_facts(first, SERIES, None).number == 72
    assert gather_facts(document("episodec: 1\nnumber: [1]\nfoley: 3\nseason: 4\n"), SERIES, None).number is None
