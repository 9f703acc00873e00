"""Candidates of a character's portrait as files: pictures beside the words and numbers that they were made from.

An author looks at them and takes one as the portrait. They are no part of an episode: no build makes them. What draws
them, this does not know.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from episodec.digest import Canonical, digest_bytes, digest_value
from episodec.errors import BackendError
from episodec.wholefile import write_whole

FORMAT = "episodec portrait candidate 1"
MOST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """One picture, and the JSON file beside it that says what it was made from."""

    seed: int
    picture: Path
    parameters: Path
    is_new: bool  # Not so where the very same was asked for before, and is there.


def check_words(seeds: Sequence[int], *prompts: str) -> None:
    """Nothing, if candidates can be asked for with these.

    Raises:
        BackendError: a prompt is empty, there are no seeds, or one stands twice or is out of range.
    """
    if not all(prompt.strip() for prompt in prompts):
        raise BackendError("a candidate needs a prompt")
    if not seeds or len(set(seeds)) < len(seeds) or not all(0 <= seed <= MOST_SEED for seed in seeds):
        facts = {"found": ", ".join(map(str, seeds)) or "none"}
        raise BackendError("candidates need seeds, each once, from 0 upwards", facts=facts)


def named(folder: Path, said: Mapping[str, Canonical], seeds: Sequence[int]) -> list[Candidate]:
    """Where the candidates go, in the order of their seeds; the folder is made. Names follow from `said`, all that the
    pictures hang on but for their seeds, so that what is there under a name is what would be made.

    Raises:
        BackendError: the folder cannot be made.
    """
    stem = f"candidate_{digest_value('portrait-candidate/1', said).rpartition(':')[2][:10]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        facts = {"folder": folder, "reason": error.strerror or error}
        raise BackendError("the folder for candidates cannot be made", facts=facts) from error
    return [
        Candidate(seed, folder / f"{stem}_{seed}.png", folder / f"{stem}_{seed}.json", is_new=False) for seed in seeds
    ]


def is_whole(one: Candidate) -> bool:
    """Whether both files are there. The parameters come last: a picture without them was left by a kill.

    Raises:
        BackendError: the candidate was changed since it was made.
    """
    if not one.parameters.is_file() or not one.picture.is_file():
        return False
    try:
        said = json.loads(one.parameters.read_text("utf-8"))
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("picture") != digest_bytes(one.picture.read_bytes()):
        hint = "give what you changed another name"
        raise BackendError("a candidate was changed since it was made", facts={"file": one.picture}, hint=hint)
    return True


def keep(one: Candidate, said: Mapping[str, Canonical], content: bytes) -> Candidate:
    """The candidate with this PNG, written.

    Raises:
        BackendError: it cannot be written.
    """
    told = {**said, "seed": one.seed, "picture": digest_bytes(content)}
    write(one.picture, content)
    write(one.parameters, (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode())
    return replace(one, is_new=True)


def write(path: Path, content: bytes) -> None:
    """A file among the candidates.

    Raises:
        BackendError: it cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise BackendError("a file cannot be written", facts=facts) from error
