"""The content of posts and entries, read from plain parameters, and an episode's facts as pairs of words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from episodec.page.labels import Labels, labels
from episodec.page.links import kinds
from episodec.timebase import SAMPLE_RATE

DIGITS = 12  # The digits of a digest that people compare by eye.


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """One sentence of the narration and its time, in samples, half-open."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SpokenNarration:
    """The narration, as measured."""

    sentences: tuple[SpokenSentence, ...] = ()
    words: int = 0

    @property
    def seconds(self) -> Fraction:
        """From the first word's start to the last one's end."""
        if not self.sentences:
            return Fraction(0)
        return Fraction(self.sentences[-1].end - self.sentences[0].start, SAMPLE_RATE)

    @property
    def words_a_minute(self) -> int | None:
        """The pace; None without narration."""
        return round(self.words * 60 / self.seconds) if self.seconds else None


@dataclass(frozen=True, slots=True)
class SceneFidelity:
    """Measurements of a trained scene against the pictures of its dataset."""

    gaussians: int
    psnr_db: Mapping[str, float]  # By split: the mean over its pictures.
    frame_difference: float  # 0 to 255: the mean difference of frames of a turn around the scene.


@dataclass(frozen=True, slots=True)
class EpisodeSummary:
    """An episode as its post and entry show it: the parameters of both stages, the narration, and the trained scene if
    there is one.
    """

    params: Mapping[str, Any]
    narration: SpokenNarration = SpokenNarration()
    scene: SceneFidelity | None = None

    @property
    def labels(self) -> Labels:
        return labels(self.text("language"))

    def text(self, name: str) -> str:
        """A parameter as text; empty if it is not given."""
        value = self.params.get(name)
        return "" if value is None else str(value)

    def files(self) -> list[tuple[str, str]]:
        """The kind of each deliverable, and its path relative to the folder of publishing."""
        return kinds(map(str, self.params["files"]))

    def file(self, kind: str) -> str | None:
        """The path of the first deliverable of this kind, which is the first film's; None if there is none."""
        return next((path for one, path in self.files() if one == kind), None)

    def heading(self) -> str:
        """`Alpha · d13 · episode 72`."""
        number = self.labels.episode.format(number=self.params["number"])
        return " · ".join(part for part in (self.text("series"), self.text("season"), number) if part)


def facts(summary: EpisodeSummary) -> Iterator[tuple[str, str]]:
    """All facts of an episode as pairs of name and value: in its language, except the character's identity, which is
    quoted from character.yaml.
    """
    yield from episode_facts(summary)
    yield from _identity(summary)


def episode_facts(summary: EpisodeSummary) -> Iterator[tuple[str, str]]:
    """The facts of an episode that readers of its post look for, in its language."""
    words, params = summary.labels, summary.params
    frames, rate = int(params["frames"]), int(params["rate"])
    seconds = decimal(Fraction(frames, rate))
    length_is = words.length_is_one if frames == 1 else words.length_is
    yield words.length, length_is.format(seconds=seconds, frames=frames, rate=rate)
    if params.get("size"):
        yield words.size, " × ".join(map(str, params["size"]))
    yield from _sound(summary)
    for name, track, tell in ((words.camera, "camera", _camera), (words.time, "time", _time)):
        if moves := params.get(track):
            yield name, "; ".join(_segments(moves, words, tell))
    character = params["character"]
    yield words.character, str(character.get("title") or character["name"])


def _sound(summary: EpisodeSummary) -> Iterator[tuple[str, str]]:
    words, params = summary.labels, summary.params
    backends = dict(params["backends"])
    if loudness := params.get("loudness"):
        target, peak = (decimal(Fraction(str(loudness[one]))) for one in ("target_lufs", "true_peak_dbtp"))
        yield words.loudness, words.loudness_is.format(target=target, peak=peak)
    if "join" in backends:
        who = backends["voice"] if params.get("speaks") else words.recording
        pace = summary.narration.words_a_minute
        yield words.voice, who if pace is None else f"{who}, {words.words_a_minute.format(words=pace)}"
    if "foley" in backends:
        yield words.ambience, summary.text("prompt") or words.recording


def _identity(summary: EpisodeSummary) -> Iterator[tuple[str, str]]:
    words, of = summary.labels, summary.params["character"]
    for name, value in sorted(of["identity"].items()):  # A key does not depend on the order of a mapping.
        yield str(name), str(value)
    for name, digest in ((words.portrait, of.get("portrait")), (words.tokens, of.get("tokens"))):
        if digest:
            yield name, short(str(digest))


def scene_facts(scene: SceneFidelity, words: Labels) -> Iterator[tuple[str, str]]:
    """The measurements of a trained scene as pairs of name and value."""
    yield words.gaussians, f"{scene.gaussians:,}".replace(",", "\N{NO-BREAK SPACE}")
    for split, name in (("train", words.psnr_train), ("val", words.psnr_val), ("test", words.psnr_test)):
        if split in scene.psnr_db:
            yield name, words.decibels.format(value=f"{scene.psnr_db[split]:.1f}")
    yield words.frame_difference, words.frame_difference_is.format(value=f"{scene.frame_difference:.1f}")


def terms(summary: EpisodeSummary) -> Iterator[tuple[str, str]]:
    """The terms of use: the licences of the character and of the models that took part."""
    of = summary.params["character"]
    if of.get("licence"):
        yield str(of.get("title") or of["name"]), str(of["licence"])
    yield from ((str(name), str(said)) for name, said in summary.params["licences"])


def short(digest: str) -> str:
    """A digest shortened for people: its algorithm and first digits."""
    kind, _, digits = digest.partition(":")
    return f"{kind} {digits[:DIGITS]}…"


def decimal(value: Fraction) -> str:
    """A number with at most three decimals, no trailing zeros, and a real minus sign."""
    return f"{float(value):.3f}".rstrip("0").rstrip(".").replace("-", "−")


def _segments(moves: Sequence[Mapping[str, Any]], words: Labels, tell: Any) -> Iterator[str]:
    """Each segment of a track, with its frames if there are several segments."""
    first = 0
    for move in moves:
        frames = (words.frame if int(move["frames"]) == 1 else words.frames).format(
            first=first, last=first + int(move["frames"]) - 1
        )
        sentence = tell(move, words)
        yield f"{frames}: {sentence}" if len(moves) > 1 else sentence
        first += int(move["frames"])


def _camera(move: Mapping[str, Any], words: Labels) -> str:
    match move["move"]:
        case "static":
            sentences = [words.static.format(position=_place(move["position"]))]
        case "orbit":
            sentences = [
                words.orbit.format(radius=_n(move["radius"]), start=_n(move["from_deg"]), end=_n(move["to_deg"]))
            ]
            sentences += [words.turns.format(turns=move["turns"])] if move["turns"] else []
        case "dolly":
            sentences = [words.dolly.format(start=_place(move["from_position"]), end=_place(move["to_position"]))]
        case "keyframes":
            sentences = [words.keys.format(count=len(move["keys"]))]
        case _:
            sentences = [words.path]
    sentences += [words.eased] if move.get("ease") == "smooth" else []
    sentences += [words.view.format(degrees=_n(move["fov_y_deg"]))] if "fov_y_deg" in move else []
    return ", ".join(sentences)


def _time(move: Mapping[str, Any], words: Labels) -> str:
    match move["map"]:
        case "loop":
            return words.loop.format(period=move["period"])
        case "pingpong":
            return words.pingpong.format(period=move["period"])
        case "linear":
            return words.linear.format(start=_n(move["start"]), end=_n(move["end"]))
        case "hold":
            return words.hold.format(at=_n(move["at"]))
        case _:
            return words.keys.format(count=len(move["keys"]))


def _n(value: object) -> str:
    return decimal(Fraction(str(value)))


def _place(position: Sequence[object]) -> str:
    return f"({', '.join(map(_n, position))})"
