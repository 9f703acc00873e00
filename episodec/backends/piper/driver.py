"""One sentence through Piper, as a program: an order as JSON on stdin, a line of times and samples on stdout.

Run by its path in a new interpreter, never imported: Piper is GPL-3.0, so it gets its own process. Needs piper-tts,
onnx and onnxruntime. The order: `model` and `config` (paths), `text`, `words` (spoken forms), `pace` (letters per
second, or null), `faster` (a factor on the pace), `measure` (a text of known length, its letters).

It runs without noise and with one thread: the number of threads changes the last bits of sums.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NATURAL = 1.0  # The scale of lengths that a voice was trained with.
SLOWEST, FASTEST = 3.0, 0.33  # Beyond, phonemes run into each other or fall apart.
ROUNDS = 4  # Each comes nearer to the pace: lengths are whole frames of sound.
STEPS = 256  # A step of the scale is 1 / 256: the same pace gives the same scale on every processor.


def main() -> int:
    """Speak the order on stdin; exit with 3 and a message on stderr if that fails."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What libraries print must not come between the samples.
    order = json.load(sys.stdin.buffer)
    try:
        head, samples = _speak(order)
    except Exception as error:  # noqa: BLE001 - an invalid model fails in many ways; each is reported.
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 3
    answer.write(json.dumps(head).encode() + b"\n" + samples)
    answer.close()
    return 0


def _speak(order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    import numpy as np

    voice = _Voice(order["model"], order["config"])
    faster = order["faster"]
    scale = voice.scale(order["measure"], order["pace"] * faster) if order["pace"] else NATURAL / faster
    sounds, pieces, end = [], [], 0
    for phonemes in voice.phonemes(order["text"]):
        piece, lengths = voice.sound(phonemes, scale)
        end += lengths[0]  # What comes before the first one.
        for name, length in zip(phonemes, lengths[1:-1], strict=True):
            sounds.append([name, end, end + length])
            end += length
        pieces.append(piece)
        end = sum(map(len, pieces))
    if not pieces:
        raise RuntimeError("the voice knows no phoneme of this text")
    alone = [[name for part in voice.phonemes(word) for name in part] for word in order["words"]]
    head = {"rate": voice.rate, "scale": scale, "sounds": sounds, "words": alone}
    return head, np.concatenate(pieces).astype("<f4").tobytes()


class _Voice:
    """A loaded voice file."""

    def __init__(self, model: str, config: str) -> None:
        import onnx
        import onnxruntime
        from piper.config import PiperConfig
        from piper.patch_voice_with_alignment import add_alignment_output
        from piper.voice import PiperVoice

        self.config = PiperConfig.from_dict(json.loads(Path(config).read_text("utf-8")))
        graph = onnx.load(model)
        if len(graph.graph.output) == 1:  # Else its maker has added the lengths of phonemes before.
            add_alignment_output(graph)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.rate = self.config.sample_rate
        self._voice = PiperVoice(session=session, config=self.config)
        self._only_lengths = onnxruntime.RunOptions()
        self._only_lengths.only_execute_path_to_fetches = True

    def phonemes(self, text: str) -> Iterator[list[str]]:
        """The phonemes of a text, sentence by sentence, without those unknown to the voice."""
        from piper.phonemize_espeak import EspeakPhonemizer

        if self.config.phoneme_type.value == "text":
            parts = self._voice.phonemize(text.replace("[[", "[ ["))
        elif self.config.phoneme_type.value == "espeak":
            parts = EspeakPhonemizer().phonemize(self.config.espeak_voice, text, self.config.vowel_clusters)
        else:
            raise RuntimeError(f"phonemes of the kind {self.config.phoneme_type.value} are not supported")
        for part in parts:
            if known := [name for name in part if name in self.config.phoneme_id_map]:
                yield known

    def sound(self, phonemes: list[str], scale: float) -> tuple[Any, list[int]]:
        """Samples, (n,) float32, and their number for each phoneme, for the start and for the end."""
        from piper.config import SynthesisConfig

        asked = SynthesisConfig(length_scale=scale, noise_scale=0.0, noise_w_scale=0.0)
        ids = self._voice.phonemes_to_ids(phonemes)
        audio, lengths = self._voice.phoneme_ids_to_audio(ids, asked, include_alignments=True)
        if lengths is None or len(lengths) != len(ids):
            raise RuntimeError("the voice gives no lengths of its phonemes")
        return audio.reshape(-1), self._by_phoneme(phonemes, [int(length) for length in lengths])

    def scale(self, measure: dict[str, Any], pace: float) -> float:
        """The length scale at which a text with this many letters has this pace."""
        wanted_s, scale = measure["letters"] / pace, NATURAL
        for _ in range(ROUNDS):
            spoken = sum(self._spoken(part, scale) for part in self.phonemes(measure["text"]))
            scale *= wanted_s * self.rate / spoken
        scale = round(scale * STEPS) / STEPS
        if not FASTEST <= scale <= SLOWEST:
            raise RuntimeError(f"the voice cannot speak at {pace:g} letters per second")
        return scale

    def _spoken(self, phonemes: list[str], scale: float) -> int:
        """The number of samples from a sentence's first sound to its last, from the lengths alone."""
        import numpy as np

        session, ids = self._voice.session, self._voice.phonemes_to_ids(phonemes)
        feed = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array([0.0, scale, 0.0], np.float32),
            "sid": np.array([self.config.default_speaker_id], np.int64),
        }
        taken = {one.name: feed[one.name] for one in session.get_inputs()}
        (frames,) = session.run([session.get_outputs()[1].name], taken, self._only_lengths)
        lengths = self._by_phoneme(phonemes, [int(one) * self.config.hop_length for one in frames.reshape(-1)])[1:-1]
        last = max((at for at, name in enumerate(phonemes) if name.isalpha()), default=-1)
        return sum(lengths[: last + 1])

    def _by_phoneme(self, phonemes: list[str], lengths: list[int]) -> list[int]:
        """The lengths of ids summed by phoneme: each with the padding after it; start and end are separate."""
        known = self.config.phoneme_id_map
        counts = [len(known["^"]) + len(known["_"])]
        counts += [len(known[name]) + len(known["_"]) for name in phonemes]
        durations, at = [], 0
        for count in (*counts, len(lengths)):
            durations.append(sum(lengths[at : at + count]))
            at += count
        return durations


if __name__ == "__main__":
    sys.exit(main())
