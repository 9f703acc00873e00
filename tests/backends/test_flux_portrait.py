"""Candidates of a portrait through the real diffusers, on a tiny checkpoint of random weights that is made here."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from episodec.backends.flux.portrait import FluxRequest, SecondPass, make_candidates
from episodec.digest import digest_bytes
from episodec.errors import BackendError
from episodec.faces.candidates import Candidate
from tests.standins.checks import Digests

WANTED = FluxRequest("a woman with red hair", (1, 2), side=64, steps=2)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checkpoint `flux` and a LoRA."""
    from tests.tiny.flux import save_flux, save_lora  # Imports diffusers, which takes seconds.

    folder = tmp_path_factory.mktemp("flux-portrait")
    save_flux(folder / "flux")
    save_lora(folder / "character.safetensors")
    return folder


def make(models: Path, folder: Path, expected: FluxRequest = WANTED, lora: str | None = None) -> tuple[Candidate, ...]:
    messages: list[Candidate] = []
    settings = {"checkpoint": str(models / "flux"), "device": "cpu"}
    if lora:
        settings["lora"] = str(models / lora)
    actual = make_candidates(settings, expected, folder, messages.append, Digests())
    assert tuple(messages) == actual
    return actual


def test_each_seed_gives_a_picture_and_what_it_was_made_from(tmp_path: Path, models: Path) -> None:
    first, other = make(models, tmp_path / "candidates")
    assert (first.seed, other.seed, first.is_new, other.is_new) == (1, 2, True, True)
    assert first.picture.read_bytes() != other.picture.read_bytes()
    with Image.open(first.picture) as image:
        assert (image.size, image.mode) == ((64, 64), "RGB")
    tree = json.loads(first.parameters.read_text())
    assert (tree["prompt"], tree["seed"], tree["side"], tree["steps"]) == ("a woman with red hair", 1, 64, 2)
    assert tree["picture"] == digest_bytes(first.picture.read_bytes())
    assert tree["models"]["transformer/diffusion_pytorch_model.safetensors"].startswith("xxh3-128:")
    assert str(models) not in str(tree)
    assert len(list(first.picture.parent.iterdir())) == 4


def test_the_same_is_not_made_twice_and_comes_out_the_same(tmp_path: Path, models: Path) -> None:
    first = make(models, tmp_path)
    before = first[0].picture.read_bytes()
    first[1].parameters.unlink()  # As a kill between the two files leaves it.
    again = make(models, tmp_path, replace(WANTED, seeds=(2, 1)))
    assert [(one.seed, one.is_new) for one in again] == [(2, True), (1, False)]
    assert again[1].picture.read_bytes() == before
    first[0].picture.unlink()
    make(models, tmp_path, replace(WANTED, seeds=(1,)))
    assert first[0].picture.read_bytes() == before


def test_whatever_is_asked_differently_is_another_file_and_another_picture(tmp_path: Path, models: Path) -> None:
    asked = [
        WANTED,
        replace(WANTED, prompt="a man"),
        replace(WANTED, guidance_scale=9.0),
        replace(WANTED, again=SecondPass(strength=0.5, steps=2)),
        replace(WANTED, again=SecondPass(strength=0.5, steps=2, prompt="sharper")),
    ]
    actual = [make(models, tmp_path, replace(each, seeds=(1,)))[0] for each in asked]
    actual.append(make(models, tmp_path, replace(WANTED, seeds=(1,)), "character.safetensors")[0])
    actual.append(make(models, tmp_path, replace(WANTED, seeds=(1,), lora_scale=0.5), "character.safetensors")[0])
    assert len({one.picture for one in actual}) == 7
    assert len({one.picture.read_bytes() for one in actual}) == 7


def test_a_candidate_that_was_touched_up_is_not_overwritten(tmp_path: Path, models: Path) -> None:
    (first,) = make(models, tmp_path, replace(WANTED, seeds=(1,)))
    first.picture.write_bytes(b"touched up")
    with pytest.raises(BackendError, match="was changed since it was made"):
        make(models, tmp_path)
    assert first.picture.read_bytes() == b"touched up"


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        (replace(WANTED, prompt=" "), "needs a prompt"),
        (replace(WANTED, again=SecondPass(prompt="")), "needs a prompt"),
        (replace(WANTED, seeds=()), "need distinct seeds"),
        (replace(WANTED, seeds=(1, 1)), "need distinct seeds"),
        (replace(WANTED, seeds=(-1,)), "need distinct seeds"),
        (replace(WANTED, side=66), "FLUX does not support this picture size"),
        (replace(WANTED, steps=0), "out of its range"),
        (replace(WANTED, guidance_scale=-1.0), "out of its range"),
        (replace(WANTED, lora_scale=1.0), "there is none"),
        (replace(WANTED, again=SecondPass(strength=0.0)), "the strength of a second pass must be above 0, up to 1"),
        (replace(WANTED, again=SecondPass(steps=0)), "out of its range"),
    ],
)
def test_what_is_impossible_is_refused_before_anything_is_loaded(
    tmp_path: Path, models: Path, expected: FluxRequest, sentence: str
) -> None:
    with pytest.raises(BackendError, match=sentence):
        make(models, tmp_path / "candidates", expected)
    assert not (tmp_path / "candidates").exists()
