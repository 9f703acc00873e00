"""Small series in real repositories, and seeded random edits of them. Every stage is done by a toy."""

import copy
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image, ImageDraw

from episodec.questions.diff import SeriesDiff, diff
from episodec.series.request import Request
from episodec.stages.lowering import DEFAULT_BACKENDS
from tests.builds.studio import ROOT, Studio
from tests.project.test_git import git

TOYS = dict.fromkeys((*DEFAULT_BACKENDS.values(), "say", "noise", "shape", "file"), "tests.toys.backends:EveryStage")
DEAF = {**TOYS, "say": "tests.toys.backends:Deaf"}  # Another text may sound the same.

SERIES = """\
episodec: 1
title: Alpha
season: d13
character: alpha
language: en
disclosure: Voice and pictures are synthetic.
loudness: {{target_lufs: {lufs}}}
lexicon: {{{lexicon}}}
profiles:
  draft: {{size: [64, 64], backends: {{voice: {names[0]}, foley: {names[1]}, scene: {names[2]}}}}}
"""
NOUNS = ("river", "harbour", "lantern", "meadow", "orchard", "winter", "signal", "garden", "mirror", "valley", "copper")


class Edited:
    """A series and its history."""

    def __init__(self, root: Path, seed: int, backends: Mapping[str, str] = TOYS) -> None:
        """`backends`: toys, or those that are installed."""
        self.studio = Studio(root, backends, lower=None)
        self.names = ("say", "noise", "shape") if "say" in backends else ("espeak", "procedural", "relief")
        self.random = random.Random(seed)
        self.prompts = 0
        self.history: list[tuple[dict[int, dict[str, str]], dict[str, str]]] = []
        self.texts: dict[int, dict[str, str]] = {}  # By the number in a spec's name.
        self.series = {"lufs": "-16", "lexicon": ""}
        self.studio.write(".gitignore", "cache/\ndist/\n")
        self.studio.write("episodes/characters/alpha/character.yaml", "episodec: 1\n")
        self._picture()
        for number in range(1, 4):
            self._add(number)
        self.write()
        git(root, "init", "-q")
        self.commit()

    def commit(self) -> None:
        git(self.studio.root, "add", "-A")
        git(self.studio.root, "commit", "-q", "--allow-empty", "-m", "One")
        self.history.append(copy.deepcopy((self.texts, self.series)))

    def write(self) -> None:
        """Its specs as they are said now."""
        for path in (self.studio.root / "episodes").glob("*.episode.yaml"):
            path.unlink()
        self.studio.write("episodes/series.yaml", SERIES.format(**self.series, names=self.names))
        for name, text in self.texts.items():
            self.studio.write(
                f"episodes/{name:03}.episode.yaml",
                f"episodec: 1\n{text['comment']}number: {text['number']}\ntitle: {text['title']}\nframes: 180\n"
                f"voice:\n  text: |\n{self._text(text['text'])}foley: {{prompt: {text['prompt']}}}\n"
                f"camera:\n  - {{move: static, frames: {text['cut']}}}\n"
                f"  - {{move: static, fov_y_deg: {text['fov']}}}\n"
                f"time:\n  - {{map: linear, end: {text['end']}}}\n",
            )

    def _text(self, text: str) -> str:
        return "".join(f"    {line}\n" for line in text.split("|"))

    def _add(self, name: int) -> None:
        self.prompts += 1
        word = self.random.choice
        text = "|".join(f"{word(NOUNS)} {word(NOUNS)} {index}.".capitalize() for index in range(2))
        self.texts[name] = {
            "number": str(max((int(one["number"]) for one in self.texts.values()), default=0) + 1),
            "title": f"Title {name}",
            "text": text,
            "prompt": f"room {self.prompts}",
            "cut": "30",
            "fov": "30",
            "end": "1",
            "comment": "",
        }

    def _picture(self) -> None:
        """Somebody of one colour, before nothing."""
        picture = Image.new("RGBA", (96, 96))
        colour = tuple(self.random.randrange(256) for _ in range(3))
        ImageDraw.Draw(picture).ellipse((24, 16, 72, 96), (*colour, 255))
        picture.save(self.studio.root / "episodes/characters/alpha/alpha-ref.png")

    def edit(self) -> str:
        """One edit at random; gives its name. Some change nothing in a film."""
        edits: list[Callable[[], object]] = [
            *(self.word, self.case, self.line, self.swap, self.title, self.prompt, self.camera, self.cut, self.time),
            *(self.comment, self.add, self.delete, self.rename, self.renumber, self.portrait, self.lufs, self.lexicon),
            *(self.copied, self.take_back),
        ]
        chosen = self.random.choice(edits)
        chosen()
        self.write()
        return chosen.__name__

    def only_episode(self) -> dict[str, str]:
        return self.texts[self.random.choice(sorted(self.texts))]

    def word(self) -> None:
        episode = self.only_episode()
        words = episode["text"].split(" ")
        words[0] = self.random.choice(NOUNS).capitalize()
        episode["text"] = " ".join(words)

    def case(self) -> None:
        episode = self.only_episode()
        episode["text"] = episode["text"].swapcase()

    def line(self) -> None:
        self._append(f"The {self.random.choice(NOUNS)} again.")

    def swap(self) -> None:
        episode = self.only_episode()
        episode["text"] = "|".join(reversed(episode["text"].split("|")))

    def title(self) -> None:
        self.only_episode()["title"] = f"Of {self.random.choice(NOUNS)}"

    def prompt(self) -> None:
        self.prompts += 1
        self.only_episode()["prompt"] = f"room {self.prompts}"

    def camera(self) -> None:
        self.only_episode()["fov"] = str(self.random.randrange(20, 60))

    def cut(self) -> None:
        self.only_episode()["cut"] = str(self.random.randrange(1, 179))

    def time(self) -> None:
        self.only_episode()["end"] = str(self.random.randrange(1, 10) / 10)

    def comment(self) -> None:
        self.only_episode()["comment"] += "# More.\n"

    def add(self) -> None:
        self._add(max(self.texts) + 1)

    def delete(self) -> None:
        if len(self.texts) > 1:
            del self.texts[self.random.choice(sorted(self.texts))]

    def rename(self) -> None:
        name, other = self.random.choice(sorted(self.texts)), max(self.texts) + 1
        self.texts[other] = self.texts.pop(name)

    def renumber(self) -> None:
        self.only_episode()["number"] = str(max(int(one["number"]) for one in self.texts.values()) + 1)

    def portrait(self) -> None:
        self._picture()

    def lufs(self) -> None:
        self.series["lufs"] = str(self.random.randrange(-24, -14))

    def lexicon(self) -> None:
        self.series["lexicon"] = f"{self.random.choice(NOUNS)}: {self.random.choice(NOUNS)}"

    def copied(self) -> None:
        """A sentence of another episode."""
        self._append(self.only_episode()["text"].split("|")[0])

    def _append(self, sentence: str) -> None:
        episode = self.only_episode()
        episode["text"] = "|".join([*episode["text"].split("|")[-2:], sentence])

    def take_back(self) -> None:
        """As an earlier commit had it."""
        self.texts, self.series = copy.deepcopy(self.random.choice(self.history))

    def diff(self, word: str | None = None, *targets: str) -> SeriesDiff:
        request = Request(
            targets=tuple(str(self.studio.root / target) for target in targets or ("episodes",)),
            environment=self.studio.environment,
            backends=self.studio.backends,
            worker_path=(ROOT,),
        )
        (series_diff,) = diff(request, word)
        return series_diff
