"""Backend `fish-speech`: one sentence in the voice of reference tokens, with Fish Speech 1.5 on this machine.

It uses Fish Speech's own programs; with the setting `warm: yes`, a child process that keeps the models loaded; with
`url`, its HTTP server, where the reference is a recording. It gives no word times: they are estimated from letters,
until stage `align` finds them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from episodec.backends.fish_speech.install import SpeechRequest, find, server
from episodec.digest import number_of
from episodec.engine.action import Resources
from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.overrides import Number, Overrides
from episodec.tools.installed import device, yes_or_no
from episodec.tools.notes import CLIPPED
from episodec.tools.params import overrides_of

SEEDS = 1 << 31  # The server takes no more.

LICENCE = (
    "Fish Speech 1.5: code Apache-2.0 (v1.5.0's own pyproject.toml says CC-BY-NC-SA-4.0); "
    "weights CC-BY-NC-SA-4.0: no commercial use, derived works under the same licence"
)


class FishSpeechBackend:
    """Stage voice: params `text`, `language`, `transcript`, `take`, maybe `overrides`; input `tokens.npy`.

    Outputs `speech.wav` (48 kHz, mono, 16 bits) and `words.json`. Through `url`, the input `reference.SUFFIX` is the
    recording in place of the tokens.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"voice"})
    deterministic: ClassVar[bool] = False  # Equal bytes only with the same GPU model and software.
    notes: ClassVar[Mapping[str, str]] = CLIPPED
    lacks_phonemes: ClassVar[bool] = True
    is_adapter: ClassVar[bool] = True
    licence: ClassVar[str] = LICENCE
    overrides: ClassVar[Overrides] = {
        "top_p": Number(0.1, 1, default=0.7, meaning="The share of likely tokens that are sampled from."),
        "repetition_penalty": Number(0.9, 1.99, default=1.2, meaning="How strongly repeated tokens are discouraged."),
        "temperature": Number(0.1, 1, default=0.7, meaning="The randomness of sampling: higher is livelier."),
    }

    def __init__(self) -> None:
        self._reader: Any = None  # A Reader, whose module needs numpy.

    def resources(self, settings: Settings) -> Resources:
        """A GPU if the device is one; memory for a model of 1.3 GB and a codec, with their libraries."""
        return Resources(cpus=2, gpus=1 if device(settings) == "cuda" else 0, memory_mib=8192)

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        install = find(settings).fingerprint(digests)
        if "url" in settings:
            server(settings)
        yes_or_no(settings, "warm")  # Checked, but not a part of it: a warm reading equals a cold one.
        parts = {**install.parts, "through": "http" if "url" in settings else "cli"}
        return Fingerprint(parts, install.watches)

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.wav import clipped_text
        from episodec.backends.fish_speech.reader import Reader, write_sentence

        reading, written = reading_of(order), written_words(order)
        if self._reader is None:
            self._reader = Reader(find(order.settings), order.settings)
        speech = self._reader.read_aloud(reading, _reference(order))
        if clipped := write_sentence(speech, written, order.outputs["speech.wav"], order.outputs["words.json"]):
            order.note(*clipped_text(clipped))

    def close(self) -> None:
        """Release the loaded models; they end with this process in any case."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _reference(order: WorkOrder) -> Path:
    """The tokens; for a server, which does not accept tokens, the recording."""
    if "url" not in order.settings:
        if "tokens.npy" not in order.inputs:
            hint = "put ref_NAME.npy next to character.yaml; `episodec voice-ref encode` makes it"
            raise BackendError("Fish Speech needs the character's voice tokens", hint=hint)
        return order.input("tokens.npy")
    matches = [path for role, paths in order.inputs.items() if role.partition(".")[0] == "reference" for path in paths]
    if len(matches) != 1:
        hint = "Fish Speech's server does not accept tokens: remove the setting `url` to use its programs"
        raise BackendError("there is no reference recording to send", facts={"found": len(matches)}, hint=hint)
    return matches[0]


def reading_of(order: WorkOrder) -> SpeechRequest:
    """The reading that an order requests, with a seed from the text and the take.

    Raises:
        BackendError: the text or the transcript is missing, or a sampling parameter is invalid.
    """
    text, transcript = (_spoken(order, name) for name in ("text", "transcript"))
    take = order.params.get("take", 1)
    seed = number_of("fish-speech-seed/1", {"text": text, "take": take}, SEEDS)
    language = str(order.params.get("language") or "")
    return SpeechRequest(text, transcript, language, seed, **overrides_of(order, FishSpeechBackend.overrides))


def written_words(order: WorkOrder) -> list[str]:
    """The words shown by captions: the first of each pair in `words`, else those of the text."""
    rows = order.params.get("words")
    if rows is None:
        return str(order.params.get("text", "")).split()
    if not isinstance(rows, list | tuple):
        raise BackendError("the words of a sentence must be a list of pairs", facts={"found": rows})
    return [str(row[0]) for row in rows if isinstance(row, list | tuple)]


def _spoken(order: WorkOrder, name: str) -> str:
    """A text that fits on a command line."""
    value = order.params.get(name)
    if not isinstance(value, str) or not value.strip():
        hints = {"transcript": "add the text of the reference recording to character.yaml: `voice: {transcript: …}`"}
        raise BackendError(f"Fish Speech needs a {name}", hint=hints.get(name))
    if "\0" in value or len(value.encode()) > 65_536:
        facts = {"bytes": len(value.encode()), "limit": 65_536}
        raise BackendError(f"this {name} is not a sentence that can be read aloud", facts=facts)
    return value.replace("<|", "< |")  # Its tokenizer would take `<|im_end|>` for the end of the sentence.
