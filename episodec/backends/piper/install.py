"""The voice file for Piper on this machine: a model and its configuration. Imports nothing of Piper."""

import json
from dataclasses import dataclass
from pathlib import Path

from episodec.engine.backend import Digester, Fingerprint, Settings
from episodec.errors import SettingsError
from episodec.tools.installed import path_setting

DISTRIBUTIONS = ("piper-tts", "onnx", "onnxruntime")

_WHERE = (
    "get NAME.onnx and NAME.onnx.json from rhasspy/piper-voices on Hugging Face (Russian: ru_RU-dmitri-medium and "
    "ru_RU-denis-medium, recordings under CC0; ru_RU-irina-medium, a woman, licence unknown), and add to "
    "episodec.local.yaml: `backends: {piper: {checkpoint: /PATH/NAME.onnx}}`; see docs/backends.md"
)


@dataclass(frozen=True, slots=True)
class PiperFile:
    """A voice: NAME.onnx and NAME.onnx.json."""

    model: Path
    config: Path
    language: str  # Of the voice, as espeak-ng names it: `ru`, `en-us`.

    def fingerprint(self, digests: Digester) -> Fingerprint:
        """Both files by digest."""
        parts = {"voice": digests.of(str(self.model)), "configuration": digests.of(str(self.config))}
        return Fingerprint(parts, (str(self.model), str(self.config)))


def find(settings: Settings) -> PiperFile:
    """The voice that the setting `checkpoint` names.

    Raises:
        SettingsError: there is none, or its configuration has no language.
    """
    if not settings.get("checkpoint", "").strip():
        raise SettingsError("no voice file for Piper is set", facts={"setting": "checkpoint"}, hint=_WHERE)
    model = path_setting(settings, "checkpoint", "a voice file of Piper, NAME.onnx", folder=False)
    config = model.with_name(f"{model.name}.json")
    facts = {"setting": "checkpoint", "file": config}
    hint = "NAME.onnx and NAME.onnx.json belong together; download both"
    try:
        language = json.loads(config.read_text("utf-8"))["espeak"]["voice"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        facts["error"] = f"{type(error).__name__}: {error}"
        raise SettingsError("cannot use the configuration of a voice file", facts=facts, hint=hint) from error
    if not isinstance(language, str) or not language:
        raise SettingsError("the configuration of a voice file has no language", facts=facts, hint=hint)
    return PiperFile(model, config, language)
