"""Candidates of a character's portrait as files: pictures beside the prompts and parameters that they were made from.

An author picks one of them as the portrait. They are not part of an episode: no build makes them. Does not know how
they are drawn.
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
    """A picture, and the JSON file beside it with its parameters."""

    seed: int
    picture: Path
    parameters: Path
    is_new: bool  # False if an identical request was made before and its files exist.


def check_words(seeds: Sequence[int], *prompts: str) -> None:
    """Check the seeds and prompts of a request for candidates.

    Raises:
        BackendError: a prompt is empty, there are no seeds, or one is repeated or out of range.
    """
    if not all(prompt.strip() for prompt in prompts):
        raise BackendError("a candidate needs a prompt")
    if not seeds or len(set(seeds)) < len(seeds) or not all(0 <= seed <= MOST_SEED for seed in seeds):
        facts = {"found": ", ".join(map(str, seeds)) or "none"}
        raise BackendError("candidates need distinct seeds of 0 or more", facts=facts)


def named(folder: Path, parameters: Mapping[str, Canonical], seeds: Sequence[int]) -> list[Candidate]:
    """The candidates' paths, in the order of their seeds; creates the folder.

    Names are derived from `said`, all parameters but the seed, so a file that exists under a name is the one that would
    be made.

    Raises:
        BackendError: the folder cannot be created.
    """
    stem = f"candidate_{digest_value('portrait-candidate/1', parameters).rpartition(':')[2][:10]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        facts = {"folder": folder, "reason": error.strerror or error}
        raise BackendError("the folder for candidates cannot be created", facts=facts) from error
    return [
        Candidate(seed, folder / f"{stem}_{seed}.png", folder / f"{stem}_{seed}.json", is_new=False) for seed in seeds
    ]


def is_whole(candidate: Candidate) -> bool:
    """Whether both files exist. The parameters are written last: a picture without them is left over from a killed run.

    Raises:
        BackendError: the candidate was changed since it was made.
    """
    if not candidate.parameters.is_file() or not candidate.picture.is_file():
        return False
    try:
        parameters = json.loads(candidate.parameters.read_text("utf-8"))
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict) or parameters.get("picture") != digest_bytes(candidate.picture.read_bytes()):
        hint = "save your changes under another name"
        raise BackendError("a candidate was changed since it was made", facts={"file": candidate.picture}, hint=hint)
    return True


def keep(candidate: Candidate, parameters: Mapping[str, Canonical], content: bytes) -> Candidate:
    """Write the candidate with this PNG.

    Raises:
        BackendError: it cannot be written.
    """
    record = {**parameters, "seed": candidate.seed, "picture": digest_bytes(content)}
    write(candidate.picture, content)
    write(candidate.parameters, (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode())
    return replace(candidate, is_new=True)


def write(path: Path, content: bytes) -> None:
    """Write a file into the folder of candidates.

    Raises:
        BackendError: it cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise BackendError("a file cannot be written", facts=facts) from error
