"""Law: a word costs the chunks whose faces it moves, and no other. Over random replacements, by the real lowering and
the real performance, in an engine whose actions give what their keys say.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from episodec.digest import digest_bytes
from episodec.engine.action import Action, ActionId
from episodec.engine.cache import Blob, Record
from episodec.engine.key import action_key, key_parts
from episodec.engine.plan import input_digests
from episodec.film.plan import CHUNK_FRAMES
from episodec.performance.parts import contents
from episodec.performance.spoken import SoundedWord
from episodec.spec.types_of_picture import SceneSection
from episodec.spec.types_of_sound import Foley, Voice
from episodec.spec.types_of_tracks import OrbitMove
from episodec.stages import lower
from tests.performance.talk import track, word
from tests.stages.test_render import lowering

FRAMES, RATE = 900, 30
GRID_S = 0.5  # Sentences start on it.
REACH_S = 0.6  # What a word has to do with the faces around it.
AT = lowering(SceneSection())
AT = replace(
    AT,
    episode=replace(
        AT.episode,
        frames=FRAMES,
        camera=(OrbitMove(FRAMES, from_deg=0, to_deg=30),),
        voice=Voice(text="One word."),
        foley=Foley(prompt="rain"),
    ),
)
LEXICON = ("p a", "m ˈo m a", "t ˈi", "b ˈu d ə t", "s k a z ˈa l", "v ˈo d", "ʃ ˈe", "l ˈa m p a", "i", "k ˈo t")

Text = tuple[tuple[str, ...], ...]  # The words of each sentence.


def laid(text: Text) -> list[SoundedWord]:
    """The words in time: each sentence from the next point of the grid on, after a pause."""
    words: list[SoundedWord] = []
    start = 0.3
    for sentence in text:
        for place, sounds in enumerate(sentence):
            words.append(word("w", start, sounds.split(), is_last=place == len(sentence) - 1))
            start = words[-1].end_s
        start = (int((start + 0.15) / GRID_S) + 1) * GRID_S
    return words


def keys(at: Any, text: Text) -> Mapping[ActionId, str]:
    """The key of every action, where the performance is that of these words."""
    rows = dict(contents(track(laid(text), frames=FRAMES), RATE, CHUNK_FRAMES))
    built: dict[ActionId, Record] = {}
    keys_by_id: dict[ActionId, str] = {}
    for action in lower(at).actions:
        key = action_key(key_parts(action, {}, input_digests(action, built)))
        keys_by_id[action.id] = key
        built[action.id] = Record({name: Blob(digest_bytes(each), 0) for name, each in _given(action, key, rows)}, 0.0)
    return keys_by_id


def _given(action: Action, key: str, rows: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for name in action.outputs:
        yield name, rows[name] if action.stage == "performance" else f"{key}/{name}".encode()


def chunks_around(before: list[SoundedWord], after: list[SoundedWord]) -> set[str]:
    """The chunks that show a moment within reach of a word that is another, or elsewhere."""
    moved = set(before) ^ set(after)
    return {
        f"d13-001/render/{start:04}-{start + CHUNK_FRAMES:04}"
        for start in range(0, FRAMES, CHUNK_FRAMES)
        if any(
            one.start_s - REACH_S < (start + CHUNK_FRAMES) / RATE and one.end_s + REACH_S > start / RATE
            for one in moved
        )
    }


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(3, 20))]
)
def test_a_replaced_word_costs_the_chunks_around_what_it_moves(seed: int) -> None:
    chance = random.Random(seed)
    text = tuple(tuple(chance.choices(LEXICON, k=chance.randint(4, 9))) for _ in range(8))
    assert laid(text)[-1].end_s < FRAMES / RATE
    before, words = keys(AT, text), laid(text)
    for _ in range(5):
        place = chance.randrange(len(text))
        sentence = list(text[place])
        sentence[chance.randrange(len(sentence))] = chance.choice(LEXICON)
        other = (*text[:place], tuple(sentence), *text[place + 1 :])
        after = keys(AT, other)
        changed = {name for name in before if before[name] != after[name]}
        chunks = {name for name in changed if "/render/" in name}
        assert chunks <= chunks_around(words, laid(other))
        assert bool(chunks) == (other != text)
        others = {"picture", "stills", "check", "mux", "entry"}
        assert {name.split("/")[1] for name in changed - chunks} == (others if chunks else set())


def test_an_ambience_costs_no_frame() -> None:
    prompted = replace(AT, episode=replace(AT.episode, foley=Foley(prompt="wind")))
    before, after = (keys(at, (LEXICON[:4],)) for at in (AT, prompted))
    changed = {name.split("/")[1] for name in before if before[name] != after[name]}
    assert "foley" in changed
    assert not {"scene", "rig", "performance", "render", "picture", "check"} & changed


def test_equal_chunks_of_equal_faces_are_one_key() -> None:
    still = replace(AT, episode=replace(AT.episode, camera=(), scene=SceneSection(kind="portrait"), performance=None))
    chunk_keys = keys(still, ())
    assert len({key for name, key in chunk_keys.items() if "/render/" in name}) < FRAMES / CHUNK_FRAMES
