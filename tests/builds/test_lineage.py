"""Where a file goes, over graphs of any shape: what `lineage` says, what `impact` says, and what a build then makes."""

import io
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from episodec.building.build import build
from episodec.building.run_context import Stop
from episodec.digest import digest_bytes
from episodec.engine.action import Action, ActionId, Artifact, Deliverable, Input, Source
from episodec.engine.events import ActionMade, Event
from episodec.questions.impact import impact
from episodec.questions.lineage import Lineage, lineage
from episodec.series.request import Request
from episodec.stages.lowering import Lowered, Lowering, action_id
from tests.backends.speech import tokens
from tests.builds.studio import Studio, in_this_process

PORTRAIT, TOKENS = "episodes/characters/alpha/alpha-ref.png", "episodes/characters/alpha/ref_alpha.npy"
FILES = (PORTRAIT, TOKENS, "episodes/media/001.mp4", "episodes/media/002.mp4")
STAGES = ("voice", "scene", "render", "mix", "mux")


@dataclass(frozen=True)
class Node:
    """One action of each episode, or of the character where it is shared."""

    stage: str
    backend: str
    sources: frozenset[str]  # Of "portrait", "tokens", "video"; one that is shared has no video.
    needs: frozenset[int]  # Places of earlier nodes; one that is shared needs such ones.
    shared: bool
    tells: str | None = None  # One of the same whose digest is a param of it: it is told of, not read.


@st.composite
def shapes(draw: st.DrawFn) -> tuple[Node, ...]:
    nodes: list[Node] = []
    for _ in range(draw(st.integers(2, 6))):
        shared = draw(st.booleans())
        earlier = [place for place, one in enumerate(nodes) if one.shared or not shared]
        known = ["portrait", "tokens"] if shared else ["portrait", "tokens", "video"]
        nodes.append(
            Node(
                stage=draw(st.sampled_from(STAGES)),
                backend=draw(st.sampled_from(["say", "noise"])),
                sources=draw(st.frozensets(st.sampled_from(known), max_size=2)),
                needs=draw(st.frozensets(st.sampled_from(earlier), max_size=2)) if earlier else frozenset(),
                shared=shared,
                tells=draw(st.sampled_from([None, *known])),
            )
        )
    return tuple(nodes)


def lowered(shape: tuple[Node, ...], at: Lowering) -> Lowered:
    assert at.portrait is not None
    assert at.tokens is not None
    assert at.episode.video is not None
    sources: Mapping[str, Source] = {
        "portrait": at.portrait,
        "tokens": at.tokens,
        "video": at.files[str(at.episode.video.file)],
    }
    actions: list[Action] = []
    for place, node in enumerate(shape):
        name = ActionId(f"alpha/{place}") if node.shared else action_id(at.episode, str(place))
        inputs: dict[str, tuple[Input, ...]] = {f"{one}.bin": (sources[one],) for one in sorted(node.sources)}
        inputs |= {f"part{one}.bin": (Artifact(actions[one].id, "out.bin"),) for one in sorted(node.needs)}
        messages = {"name": name, "text": name if node.tells is None else sources[node.tells].digest}
        actions.append(Action(name, node.stage, node.backend, ("out.bin",), messages, inputs))
    last = Deliverable(f"video/{at.episode.name}.mp4", actions[-1].artifact())
    return Lowered(tuple(actions), (last,))


def request(studio: Studio, shape: tuple[Node, ...]) -> Request:
    return Request(
        targets=(str(studio.root / "episodes"),),
        environment=studio.environment,
        backends=studio.backends,
        lower=lambda at: lowered(shape, at),
        executor=in_this_process,
    )


def portrait(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")
    return file.getvalue()


def started(root: Path) -> Studio:
    studio = Studio(root).start(2)
    studio.write(PORTRAIT, portrait("red"))
    studio.write(TOKENS, tokens(1))
    return studio


def changed(studio: Studio, file: str) -> None:
    new = {PORTRAIT: portrait("blue"), TOKENS: tokens(2)}.get(file, b"another video")
    studio.write(file, new)


def actions_of(answer: Lineage) -> set[ActionId]:
    return {made.action for use in answer.uses for made in use.made}


@settings(max_examples=12)
@given(shapes(), st.sampled_from(FILES))
def test_lineage_impact_and_a_build_agree_on_what_hangs_on_a_file(shape: tuple[Node, ...], file: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        studio = started(Path(folder))
        asked = request(studio, shape)
        build(asked, lambda _: None, Stop())
        answer = lineage(asked, str(studio.root / file))
        (output,) = impact(asked, [str(studio.root / file)])
        assert actions_of(answer) == {*output.reads, *output.behind}
        stages: Counter[str] = Counter()
        for use in answer.uses:
            stages[use.stage] += use.actions
        assert dict(stages) == dict(output.stages)
        assert sum(one.reads for one in answer.uses) == len(output.reads)
        assert set(answer.episodes) <= set(output.episodes)
        everything = sum(one.of for one in (*answer.uses, *answer.others))
        assert everything == sum(1 if node.shared else 2 for node in shape)
        assert all(made.digest is not None for one in answer.uses for made in one.made)
        changed(studio, file)
        events: list[Event] = []
        build(asked, events.append, Stop())
        assert {one.id for one in events if isinstance(one, ActionMade)} == actions_of(answer)


CHAIN = (
    Node("scene", "say", frozenset({"portrait"}), frozenset(), shared=True),
    Node("voice", "noise", frozenset({"tokens"}), frozenset(), shared=False),
    Node("render", "noise", frozenset(), frozenset({0}), shared=False),
    Node("mux", "say", frozenset({"video"}), frozenset({1, 2}), shared=False),
)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return started(tmp_path)


def test_it_says_by_which_artifacts_a_file_comes_to_a_system(studio: Studio) -> None:
    answer = lineage(request(studio, CHAIN), str(studio.root / PORTRAIT))
    assert [(one.stage, one.backend, one.reads, one.through) for one in answer.uses] == [
        ("scene", "say", 1, ()),
        ("render", "noise", 0, ("scene: out.bin",)),
        ("mux", "say", 0, ("render: out.bin",)),
    ]
    assert [(one.stage, one.of) for one in answer.others] == [("voice", 2)]
    assert (len(answer.episodes), answer.of) == (2, 2)


def test_digests_are_those_of_the_cache(studio: Studio) -> None:
    asked = request(studio, CHAIN)
    before = lineage(asked, str(studio.root / PORTRAIT))
    assert {made.digest for one in before.uses for made in one.made} == {None}
    build(asked, lambda _: None, Stop())
    scene, _, mux = lineage(asked, str(studio.root / PORTRAIT)).uses
    content = b"alpha/0" + (studio.root / PORTRAIT).read_bytes()
    assert [(one.digest, one.size) for one in scene.made] == [(digest_bytes(content), len(content))]
    published = (studio.root / "dist/video/alpha_d13_episode1.mp4").read_bytes()
    assert mux.made[0].digest == digest_bytes(published)
    assert before.digest == digest_bytes((studio.root / PORTRAIT).read_bytes())


def test_a_spec_goes_into_the_actions_of_its_episode_alone(studio: Studio) -> None:
    asked, spec = request(studio, CHAIN), "episodes/001.episode.yaml"
    answer = lineage(asked, str(studio.root / spec))
    assert (answer.how, answer.episodes) == ("spec", (spec,))
    assert [(one.stage, one.actions, one.of) for one in answer.uses] == [
        ("voice", 1, 2),
        ("render", 1, 2),
        ("mux", 1, 2),
    ]
    assert [one.stage for one in answer.others] == ["scene"]  # The character's, whichever episode asks for it.
    (output,) = impact(asked, [str(studio.root / spec)])
    assert actions_of(answer) == {*output.reads, *output.behind}


def test_episodes_with_errors_are_counted(studio: Studio) -> None:
    studio.write("episodes/003.episode.yaml", "episodec: 1\n")
    answer = lineage(replace(request(studio, CHAIN), targets=()), str(studio.root / PORTRAIT))
    assert (answer.of, answer.unreadable) == (2, 1)


@pytest.mark.parametrize("place", ["project/models/big.bin", "elsewhere/big.bin"])
def test_a_model_is_followed_through_the_backend_that_loads_it(tmp_path: Path, place: str) -> None:
    studio = started(tmp_path / "project")
    model = tmp_path / place
    model.parent.mkdir()
    model.write_bytes(b"weights")
    settings = f"{{model: {model}, loads: {tmp_path}/loads}}"
    studio.write("episodec.local.yaml", f"episodec: 1\nbackends: {{model: {settings}}}\n")
    studio.backends = {**studio.backends, "model": "tests.toys.backends:Model"}
    shape = (CHAIN[0], replace(CHAIN[1], backend="model"), *CHAIN[2:])
    answer = lineage(request(studio, shape), str(model))
    assert (answer.how, answer.digest) == ("backend", digest_bytes(b"weights"))
    assert [(one.stage, one.reads, one.actions) for one in answer.uses] == [("voice", 2, 2), ("mux", 0, 2)]
    (output,) = impact(request(studio, shape), [str(model)])
    assert (output.how, actions_of(answer)) == ("backend", {*output.reads, *output.behind})
