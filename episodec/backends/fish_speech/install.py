"""The installation of Fish Speech 1.5 on this machine: its version, its files and its command lines.

Based on the sources of v1.5.0 and v1.5.1. Starts nothing, and knows no orders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from episodec.digest import Canonical
from episodec.engine.backend import Digester, Fingerprint, Settings
from episodec.errors import SettingsError
from episodec.tools.fingerprint import both
from episodec.tools.installed import (
    code_digest,
    device,
    environment,
    file_digests,
    path_setting,
    sources,
    tool_environment,
    yes_or_no,
)

CODEC_FILE = "firefly-gan-vq-fsq-8x1024-21hz-generator.pth"
CODEC_CONFIG = "firefly_gan_vq"
MODEL_FILES = ("model.pth", "config.json", "tokenizer.tiktoken", "special_tokens.json", CODEC_FILE)

CHUNK_BYTES = 300  # Of UTF-8, not characters: the default of 100 would cut Russian sentences after 50 letters.
MAX_NEW_TOKENS = 1024  # A chunk, 47.6 s: a reading that never ends stops there and is then refused as too long.

_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class VersionLayout:
    """The layout of a version: its programs, and its option for the folder of codes."""

    version: str
    speak: str  # Text to tokens.
    codec: str  # Recording to tokens, tokens to sound.
    has_output_dir: bool  # Otherwise codes are written to the current folder.
    code: tuple[str, ...]  # Everything that decides what comes out.


_LAYOUTS = (
    VersionLayout(
        "1.5.0",
        "tools/llama/generate.py",
        "tools/vqgan/inference.py",
        has_output_dir=False,
        code=("fish_speech/**/*.py", f"fish_speech/configs/{CODEC_CONFIG}.yaml", "tools/file.py"),
    ),
    VersionLayout(
        "1.5.1",
        "fish_speech/models/text2semantic/inference.py",
        "fish_speech/models/vqgan/inference.py",
        has_output_dir=True,
        code=("fish_speech/**/*.py", f"fish_speech/configs/{CODEC_CONFIG}.yaml"),
    ),
)


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A sentence to read aloud, with its settings."""

    text: str
    transcript: str  # The text of the reference recording.
    language: str  # BCP 47.
    seed: int  # 0 to 2**31 - 1.
    top_p: float
    repetition_penalty: float
    temperature: float


@dataclass(frozen=True, slots=True)
class FishSpeech:
    """An installation that was checked for completeness."""

    python: Path
    repo: Path
    checkpoints: Path
    device: str
    layout: VersionLayout

    @property
    def codec_file(self) -> Path:
        return self.checkpoints / CODEC_FILE

    def environment(self) -> dict[str, str]:
        return tool_environment(self.repo)

    def code(self) -> list[Path]:
        """The source files that decide its output."""
        return sources(self.repo, (*self.layout.code, self.layout.speak, self.layout.codec))

    def fingerprint(self, digests: Digester) -> Fingerprint:
        """Its version, code, models, torch and class of device; no path."""
        packages = environment(self.python, "torch")
        code = self.code()
        parts: Mapping[str, Canonical] = {
            "layout": self.layout.version,
            "code": code_digest(self.repo, code, digests),
            "models": file_digests(self.checkpoints, MODEL_FILES, digests),
            "device": self.device,
            "precision": "bfloat16",
        }
        watches = [str(self.checkpoints / name) for name in MODEL_FILES] + [str(path) for path in code]
        return both(packages, Fingerprint(parts, tuple(watches)))

    def speak_command(self, reading: SpeechRequest, prompt: Path, codes: Path) -> list[str]:
        """The command line of `speak`; it depends only on the reading, except for paths."""
        where = ["--output-dir", str(codes)] if self.layout.has_output_dir else []
        return [
            *(str(self.python), str(self.repo / self.layout.speak)),
            *("--text", reading.text),
            *("--prompt-text", reading.transcript),
            *("--prompt-tokens", str(prompt)),
            *("--checkpoint-path", str(self.checkpoints)),
            *("--device", self.device),
            *("--num-samples", "1"),  # A second sample would depend on the first.
            *("--seed", str(reading.seed)),
            *("--max-new-tokens", str(MAX_NEW_TOKENS)),
            *("--chunk-length", str(CHUNK_BYTES)),
            *("--top-p", repr(reading.top_p)),
            *("--repetition-penalty", repr(reading.repetition_penalty)),
            *("--temperature", repr(reading.temperature)),
            *where,
        ]

    def codec_command(self, source: Path, target: Path) -> list[str]:
        """The command line of the codec, which chooses its mode by the suffix of its input."""
        return [
            *(str(self.python), str(self.repo / self.layout.codec)),
            *("-i", str(source)),
            *("-o", str(target)),
            *("--config-name", CODEC_CONFIG),
            *("--checkpoint-path", str(self.codec_file)),
            *("-d", self.device),
        ]


def find(settings: Settings) -> FishSpeech:
    """The installation that the settings `python`, `repo`, `checkpoints` and `device` name.

    Raises:
        SettingsError: one is missing or wrong, or the source tree is of another version.
    """
    python = path_setting(settings, "python", "the interpreter of Fish Speech's environment", folder=False)
    repo = path_setting(settings, "repo", "Fish Speech's source tree, v1.5.0 or v1.5.1", folder=True)
    checkpoints = path_setting(settings, "checkpoints", "the folder fish-speech-1.5", folder=True)
    for word in ("int8", "int4"):
        if word in str(checkpoints):
            hint = "Fish Speech interprets this part of a path as a quantised model: move or rename the folder"
            facts = {"setting": "checkpoints", "found": checkpoints, "holds": word}
            raise SettingsError("the path of the checkpoints would be misread", facts=facts, hint=hint)
    return FishSpeech(python, repo, checkpoints, device(settings), _layout(repo))


def server(settings: Settings) -> str:
    """The server's address from the setting `url`, without a path.

    Raises:
        SettingsError: it is not a plain http address, or is on another machine without permission.
    """
    url = settings["url"].strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise SettingsError("the setting `url` is not an address", facts={"found": url, "error": error}) from error
    if parts.scheme != "http" or not host or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        hint = "such as http://127.0.0.1:8080"
        raise SettingsError("the setting `url` is not a plain http address", facts={"found": url}, hint=hint)
    if host not in _LOCAL and not yes_or_no(settings, "allow_remote"):
        hint = "the voice and the texts would leave this machine: to permit it, set `allow_remote: yes`"
        raise SettingsError("the server of the setting `url` is another machine", facts={"host": host}, hint=hint)
    return f"http://{f'[{host}]' if ':' in host else host}:{port or 80}"


def _layout(repo: Path) -> VersionLayout:
    for layout in _LAYOUTS:
        if (repo / layout.speak).is_file() and (repo / layout.codec).is_file():
            return layout
    facts = {"repo": repo, "looked for": ", ".join(layout.speak for layout in _LAYOUTS)}
    hint = "check out the tag v1.5.0 or v1.5.1; later versions have other models and checkpoints"
    raise SettingsError("this is not a source tree of Fish Speech 1.5", facts=facts, hint=hint)
