"""Outputs that break their stage's contract fail where they are made, and nothing of them is recorded."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from episodec.backends import BUILTIN
from episodec.building.build import build
from episodec.building.outcome import Outcome
from episodec.building.run_context import Stop
from episodec.contracts.catalogue import CONTRACTS
from episodec.engine.events import ActionFailed
from episodec.errors import BackendError, GraphError
from episodec.report.lines import Narrator
from episodec.series.request import MakeExecutor, Request
from tests.builds.studio import ROOT, Studio, held_in_this_process

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
disclosure: The voice is synthetic.
profiles: {draft: {backends: {voice: say}}}
"""

VOICE = """\
import json

import numpy as np

from episodec.audio.wav import write_wav
from episodec.audio.words import SpokenWord, Words, write_words
from episodec.engine.backend import Fingerprint


class Voice:
    stages = frozenset({"voice"})
    deterministic = True

    def fingerprint(self, settings, digests):
        return Fingerprint({})

    def run(self, order):
        tone = np.sin(np.arange(48_000, dtype=np.float32) / 40) / 4
        write_wav(order.outputs["speech.wav"], tone[:, None])
        WORDS
"""
BROKEN = """order.outputs["words.json"].write_text(json.dumps({"words": [["Hello.", 0, 48_000]]}))"""
MENDED = """write_words(order.outputs["words.json"], Words(48_000, "measured", (SpokenWord("Hello.", 0, 48_000),)))"""


class Plugged(Studio):
    """An episode that is spoken by a voice of an installed package."""

    def install(self, words: str) -> str:
        folder = self.root.parent / "installed"
        for name, text in {
            "toy_voice/__init__.py": "",
            "toy_voice/voice.py": VOICE.replace("WORDS", words),
            "toy_voice-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: toy-voice\nVersion: 2.0\n",
            "toy_voice-2.0.dist-info/RECORD": "toy_voice/__init__.py,,\ntoy_voice/voice.py,,\n",
            "toy_voice-2.0.dist-info/entry_points.txt": "[episodec.backends]\nsay = toy_voice.voice:Voice\n",
        }.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for name in [one for one in sys.modules if one.partition(".")[0] == "toy_voice"]:
            del sys.modules[name]  # As a new process has it.
        return str(folder)

    def built(self) -> Outcome:
        self.events.clear()
        request = Request(
            targets=(str(self.root / "episodes"),),
            environment={"HOME": "/nonexistent"},
            backends={**BUILTIN, "say": "toy_voice.voice:Voice"},
            worker_path=(str(self.root.parent / "installed"), ROOT),
            executor=self.executor,
        )
        (outcome,) = build(request, self.events.append, Stop())
        return outcome


EXECUTORS: Mapping[str, MakeExecutor | None] = {"in worker processes": None, "in this process": held_in_this_process}


@pytest.fixture(params=EXECUTORS)
def plugged(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugged:
    studio = Plugged(tmp_path / "project", executor=EXECUTORS[request.param])
    monkeypatch.syspath_prepend(studio.install(BROKEN))
    studio.write("episodes/series.yaml", SERIES)
    studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
    spec = 'episodec: 1\nnumber: 1\ntitle: T\nframes: 60\nvoice: {text: "Hello."}\n'
    studio.write("episodes/001.episode.yaml", spec)
    return studio


def test_a_broken_output_is_blamed_on_its_maker_and_made_again_once_that_is_mended(plugged: Plugged) -> None:
    for _ in range(2):  # The second time, too: nothing was recorded.
        assert plugged.built().failed == ("d13-001/voice/0001",)
        assert plugged.ran() == set()
        (event,) = [one for one in plugged.events if isinstance(one, ActionFailed)]
        assert isinstance(event.error, BackendError)
        facts = event.error.facts
        assert (facts["backend"], facts["stage"], facts["output"]) == ("say", "voice", "words.json")
        assert "KeyError: 'version'" in facts["reason"]
        visible = "\n".join(Narrator().lines(event))
        assert all(part in visible for part in ("d13-001/voice/0001", "say", "words.json", "schema --stages"))
    plugged.install(MENDED)
    assert plugged.built().exit_code == 0


def test_an_action_that_breaks_its_contract_ends_the_build_as_a_mistake_of_ours(
    plugged: Plugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged.install(MENDED)
    contracts: Any = CONTRACTS
    with monkeypatch.context() as patched:
        patched.setitem(contracts, "join", replace(CONTRACTS["join"], params=()))
        with pytest.raises(GraphError) as caught:
            plugged.built()
    assert caught.value.facts["action"] == "d13-001/join"
    assert "param `fit` is not in the contract" in caught.value.facts["wrong"]
    assert plugged.ran() == {"d13-001/voice/0001"}
    assert plugged.built().exit_code == 0
