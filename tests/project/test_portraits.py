"""Words for a portrait, and one picture in another's place whatever was cut off before."""

import json
from pathlib import Path

import pytest

from episodec.digest import digest_bytes
from episodec.errors import ProjectError
from episodec.project.portraits import Pick, PortraitSubject, default_prompt, exchange, next_seed, owner_of


@pytest.mark.parametrize(
    ("identity", "facts"),
    [
        ({"hair": "purple"}, "purple hair"),
        ({"hair": "short purple hair"}, "short purple hair"),
        ({"Eyes": "green", "outfit": "a red coat"}, "green Eyes, a red coat".replace("Eyes", "eyes")),
        ({"expression": "neutral, mouth closed"}, "neutral expression, mouth closed"),
        ({"age": "young woman", "hair": " "}, "young woman"),
    ],
)
def test_facts_become_words_in_their_order(identity: dict[str, str], facts: str) -> None:
    prompt = default_prompt(identity)
    assert prompt is not None
    assert f"of one character, {facts}, looking at" in prompt


def test_without_facts_there_are_no_words() -> None:
    assert default_prompt({}) is None
    assert default_prompt({"hair": ""}) is None


def test_a_seed_is_above_all_that_were_used(tmp_path: Path) -> None:
    assert next_seed(tmp_path) == 1
    for name in ("candidate_00_7.json", "candidate_ff_12.json", "candidate_00_99.png", "candidate_0_x.json"):
        (tmp_path / name).touch()
    assert next_seed(tmp_path) == 13


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/s/characters/beta/candidates/a.png", "beta"),
        ("/s/characters/beta/a.png", None),
        ("/s/candidates/a.png", None),
        ("/a.png", None),
    ],
)
def test_a_folder_of_candidates_tells_whose_they_are(path: str, owner: str | None) -> None:
    assert owner_of(Path(path)) == owner


def parameters_text(content: bytes) -> bytes:
    return json.dumps({"picture": digest_bytes(content)}).encode()


@pytest.fixture
def who(tmp_path: Path) -> PortraitSubject:
    return PortraitSubject("alpha", tmp_path, tmp_path / "alpha-ref.png", {})


def test_the_old_picture_is_kept_with_what_it_was_made_from(who: PortraitSubject) -> None:
    beside = who.portrait.with_suffix(".json")
    assert exchange(who, Pick(b"one", parameters_text(b"one"))) is None
    kept = exchange(who, Pick(b"two", None))
    assert kept is not None
    assert (kept.read_bytes(), kept.with_suffix(".json").read_bytes()) == (b"one", parameters_text(b"one"))
    assert (who.portrait.read_bytes(), beside.exists()) == (b"two", False)
    assert exchange(who, Pick(b"one", parameters_text(b"one"))) is not None
    assert beside.read_bytes() == parameters_text(b"one")
    assert {path.name for path in who.folder.iterdir()} == {"alpha-ref.png", "alpha-ref.json", "candidates"}


@pytest.mark.parametrize("parameters", [parameters_text(b"two"), None])
def test_a_pick_that_was_cut_off_before_its_parameters_is_finished_by_the_next(
    who: PortraitSubject, parameters: bytes | None
) -> None:
    beside = who.portrait.with_suffix(".json")
    who.portrait.write_bytes(b"two")
    beside.write_bytes(parameters_text(b"one"))
    assert exchange(who, Pick(b"two", parameters)) is None
    assert (beside.read_bytes() if beside.exists() else None) == parameters


def test_nothing_is_kept_behind_a_link(who: PortraitSubject, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    who.candidates.symlink_to(elsewhere)
    who.portrait.write_bytes(b"one")
    with pytest.raises(ProjectError, match="is a link"):
        exchange(who, Pick(b"two", None))
    assert who.portrait.read_bytes() == b"one"
    assert not list(elsewhere.iterdir())


def test_a_copy_of_the_portrait_leaves_its_parameters(who: PortraitSubject) -> None:
    exchange(who, Pick(b"one", parameters_text(b"one")))
    assert exchange(who, Pick(b"one", None)) is None
    assert who.portrait.with_suffix(".json").read_bytes() == parameters_text(b"one")


def test_a_file_of_the_authors_own_is_not_taken_for_parameters(who: PortraitSubject) -> None:
    beside = who.portrait.with_suffix(".json")
    who.portrait.write_bytes(b"two")
    beside.write_bytes(b'{"mine": 1}')
    exchange(who, Pick(b"two", None))
    assert beside.read_bytes() == b'{"mine": 1}'
