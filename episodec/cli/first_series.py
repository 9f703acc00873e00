"""The files of a new series besides its specs: series.yaml, a character, schemas, and files for git and pre-commit."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from episodec.errors import ProjectError
from episodec.project.authoring import LANGUAGE_VERSION
from episodec.project.references import leads_out
from episodec.project.schemas import schema_texts
from episodec.project.shipped import shipped_portrait
from episodec.project.tree import LOCAL_FILE, SERIES_FILE

MODELINE = "# yaml-language-server: $schema="

_SERIES = """\
{modeline}

# Defaults for every episode.
episodec: {version}
title: {title}
season: {season}
character: {character}
language: {language}
disclosure: {disclosure}
{post}
# The backend of each stage. `espeak` speaks the text (install it with `pip install 'episodec[draft-voice]'`),
# `procedural` makes ambience from the prompt, `relief` makes a scene from the portrait, `file` uses an existing
# video.
profile: draft
profiles:
  draft:
    backends: {{voice: espeak, foley: procedural, scene: relief, video: file}}
    size: [512, 512]
  # Trained models instead, each with weights and settings of its own: `episodec doctor --profile production` says what
  # is missing. Remove the `#` in front of the lines, and of stages that you want.
  # production:
  #   backends:
  #     voice: fish-speech
  #     foley: hunyuan-foley
  #     scene: sharp
  #     views: hunyuan3d
  #     motion: wan
  #     refine: flux-img2img
  #     train: 4dgaussians
  #     lipsync: latentsync
  #   size: [1080, 1080]
  #   quality: production
"""

_POST = """\
# The form of the posts: `post.header` and `post.footer`, in Markdown with placeholders.
# post:
#   footer: |
#     {ordinal} ambience: {ambience}
#
#     {tools}
#
#     — {signature}
#   signature: Alpha
"""

_CHARACTER = """\
{modeline}

# One identity. {name}-ref.png beside this file is the portrait that all pictures are made from: a face from the front.
# ref_{name}.npy would be the voice (`episodec voice-ref encode` makes it from a recording).
episodec: {version}
title: {title}
"""

_ALPHA = """\
# How high the draft voice speaks: low, middle or high.
voice: {register: high}
# Of episodec's Alpha, who was drawn by a program and is nobody's likeness. Remove it with her portrait.
licence: Apache-2.0
"""

_ATTRIBUTES = """\
# The same line ends on every machine: results are kept by the contents of files.
* text=auto eol=lf
*.png binary
*.jpg binary
*.npy binary
*.wav binary
*.mp4 binary
*.ply binary
*.glb binary
*.pth binary

# The takes that were chosen in two branches are all kept.
{folder}/takes/*.takes.yaml merge=union

# Large files are better kept by Git LFS: run `git lfs install`, and remove the `#` in front of the kinds that you have.
# *.wav filter=lfs diff=lfs merge=lfs -text
# *.mp4 filter=lfs diff=lfs merge=lfs -text
# *.ply filter=lfs diff=lfs merge=lfs -text
# *.glb filter=lfs diff=lfs merge=lfs -text
# *.pth filter=lfs diff=lfs merge=lfs -text
"""

_HOOKS = """\
# `pre-commit install` runs these before each commit (https://pre-commit.com), with the episodec on the PATH.
repos:
  - repo: local
    hooks:
      - id: episodec-validate
        name: episodec validate
        entry: episodec validate
        language: system
        files: (\\.episode|(^|/)series|(^|/)character)\\.yaml$
        pass_filenames: false
      - id: episodec-fmt
        name: episodec fmt
        entry: episodec fmt
        language: system
        files: (\\.episode|(^|/)series|(^|/)character)\\.yaml$
      - id: episodec-diff
        name: episodec diff
        entry: episodec diff
        language: system
        always_run: true
        pass_filenames: false
        verbose: true
"""

_DISCLOSURES = {
    "en": "Voice and pictures of this series are synthetic.",
    "ru": "Голос и изображение в этой серии синтезированы.",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of a new series."""

    title: str = "My series"
    season: str = "s01"
    character: str = "alpha"
    language: str = "en"  # A key of the disclosures above.
    post: str = _POST  # The form of its posts, as lines of series.yaml.


def series_text(identity: Identity, schema: str) -> str:
    """The content of series.yaml. `schema`: the path for its first line."""
    return _SERIES.format(
        modeline=f"{MODELINE}{schema}",
        version=LANGUAGE_VERSION,
        title=identity.title,
        season=identity.season,
        character=identity.character,
        language=identity.language,
        disclosure=_DISCLOSURES[identity.language],
        post=f"\n{identity.post}",
    )


def write_series(folder: Path, identity: Identity, picture: bytes | None) -> list[Path]:
    """Write a series and its character; returns the files written, the portrait first.

    `picture`: the portrait as a PNG; None: Alpha's.

    Raises:
        ProjectError: a file exists or cannot be written, or links lead out of the project.
    """
    name, root = identity.character, folder.parent
    home = folder / "characters" / name
    portrait = shipped_portrait() if picture is None else picture  # Refused before anything is written.
    for path, inside in ((home, folder), (root / "schema", root)):
        check_inside(path, os.fspath(inside))
    character = _CHARACTER.format(
        modeline=f"{MODELINE}{schema_from(home, root)}",
        name=name,
        version=LANGUAGE_VERSION,
        title=name[:1].upper() + name[1:],
    )
    return [
        create(folder / SERIES_FILE, series_text(identity, schema_from(folder, root, "series")).encode()),
        create(home / "character.yaml", (character + (_ALPHA if picture is None else "")).encode()),
        create(home / f"{name}-ref.png", portrait),
        *_for_git(root, folder.name),
    ]


def schema_from(folder: Path, root: Path | str, kind: str = "character") -> str:
    """The path of a schema relative to a folder: it is in schema/ at the project's root."""
    target = Path(os.path.realpath(root), "schema", f"{kind}.schema.json")
    return os.path.relpath(target, os.path.realpath(folder))


def write_schemas(folder: Path) -> list[Path]:
    """Write the schemas that the first line of every file names, for editors; existing ones are kept."""
    check_inside(folder, os.fspath(folder.parent))
    missing = {path: text for name, text in schema_texts().items() if not (path := folder / name).exists()}
    return [create(path, text.encode()) for path, text in missing.items()]


def _for_git(root: Path, folder: str) -> Iterator[Path]:
    """Write the files for git (ignoring dist/ and the machine's settings; cache/ has its own file) and for pre-commit.
    Existing files are kept: they are the author's.
    """
    texts = {
        ".gitignore": f"/dist/\n/{LOCAL_FILE}\n",
        ".gitattributes": _ATTRIBUTES.format(folder=folder),
        ".pre-commit-config.yaml": _HOOKS,
    }
    for name, text in texts.items():
        if not (root / name).exists():
            yield create(root / name, text.encode())


def create(path: Path, content: bytes) -> Path:
    """Write a new file. Raises: ProjectError, if it exists or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise ProjectError("the file already exists", facts={"file": path}, hint="choose another name") from error
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise ProjectError("a file cannot be written", facts=facts) from error
    return path


def check_inside(path: Path, root: str | None) -> None:
    """Raises: ProjectError, if links lead from this root to a place outside it."""
    if root is not None and leads_out(os.fspath(path), root):
        facts = {"path": path, "leads to": os.path.realpath(path)}
        raise ProjectError("a link leads out of the project, so nothing is written there", facts=facts)
