"""An episode's sound by production backends: Fish Speech a stand-in, Stable Audio real, on a tiny checkpoint."""

import pytest
import soundfile

from tests.builds.studio import Studio
from tests.builds.test_sound import start
from tests.standins.places import fish, local_settings
from tests.tiny.kept import checkpoint

NAME = "alpha_d13_episode1"


def spec(studio: Studio, *, frames: int = 240, text: str = "Голос хранится в файле. Он made through LoRA.") -> None:
    studio.write(
        "episodes/001.episode.yaml",
        f"episodec: 1\nnumber: 1\ntitle: One\nframes: {frames}\nvoice: {{text: {text}}}\n"
        "foley: {prompt: 'quiet studio, soft pencil scratch'}\noverrides: {foley: {steps: 2}}\n"
        "backends: {voice: fish-speech, foley: stable-audio}\n",
    )


def ran(studio: Studio) -> set[str]:
    return {name.removeprefix("d13-001/") for name in studio.ran()} - {"captions", "post", "entry"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    root = tmp_path_factory.mktemp("production")
    built = start(root / "project")
    built.write("episodes/characters/alpha/character.yaml", "episodec: 1\nvoice: {transcript: What I said then.}\n")
    audio = {"checkpoint": str(checkpoint("stable-audio", root / "tiny")), "device": "cpu"}
    built.write("episodec.local.yaml", local_settings({"fish-speech": fish(root / "fish"), "stable-audio": audio}))
    spec(built)
    return built


def test_an_episode_is_made_and_edits_make_again_what_they_touch(studio: Studio) -> None:
    assert studio.build().exit_code == 0
    segments = {f"foley/{number:04}" for number in range(1, 5)}  # 2.87 s each, laid over each other for a second.
    sentences = {f"{stage}/{number:04}" for stage in ("voice", "align") for number in (1, 2)}
    assert ran(studio) == {*segments, *sentences, "foley", "join", "mix", "audio"}
    for kind, channels in (("voice", 1), ("foley", 2)):
        actual = soundfile.info(studio.root / "dist" / "static" / "audio" / f"{NAME}_{kind}.wav")
        assert (actual.samplerate, actual.frames, actual.channels) == (48_000, 240 * 1600, channels)
    assert studio.build().exit_code == 0
    assert ran(studio) == set()

    spec(studio, text="Голос хранится в файле. Он стал другим.")
    assert studio.build().exit_code == 0
    assert ran(studio) == {"voice/0002", "align/0002", "join", "mix", "audio"}

    spec(studio, text="Голос хранится в файле. Он стал другим.", frames=300)
    assert studio.build().exit_code == 0
    assert ran(studio) == {"foley/0005", "foley", "join", "mix", "audio"}

    with (studio.root.parent / "fish" / "fish-speech-1.5" / "model.pth").open("a") as file:
        file.write("trained further")
    assert studio.build().exit_code == 0
    assert {"voice/0001", "voice/0002"} <= ran(studio) <= {*sentences, "join", "mix", "audio"}
