"""Backend `overlay`: the words on each frame and their positions, for captions that are burnt in."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class OverlayBackend:
    """Stage overlay: `words.json` and `frames.rows` to `overlay_000.json`, …: the captions on the frames of each chunk.
    Params `frames`, `rate`, `chunk_frames` and `face` (a point in the world, in metres, or null).
    """

    stages: ClassVar[frozenset[str]] = frozenset({"overlay"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "captions-left-out": "Characters without a glyph in the font of burnt-in captions are not drawn.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.cues import Clock
        from episodec.audio.placing import placed
        from episodec.audio.words import read_words
        from episodec.drawings.overlay import write_overlay
        from episodec.film.rows import unpack
        from episodec.film.seen import seen_at
        from episodec.timebase import samples_per_frame

        rows = unpack(order.input("frames.rows").read_bytes())
        frames, step = order.whole("frames"), order.whole("chunk_frames")
        words, left_out = _drawable(read_words(order.input("words.json")).words)
        if left_out:
            sentence = f"the font of burnt-in captions has no {' '.join(left_out)}: captions omit it"
            order.note("captions-left-out", sentence, facts={"characters": "".join(left_out)})
        face: Any = order.params["face"]
        face_px = None if face is None else seen_at(rows, (float(face[0]), float(face[1]), float(face[2])))
        clock = Clock(frames, samples_per_frame(order.whole("rate")))
        overlays = placed(words, clock, rows.size, None if face_px is None else face_px[:, 1])
        for number, start in enumerate(range(0, frames, step)):
            text = write_overlay(overlays[start : min(start + step, frames)])
            order.outputs[f"overlay_{number:03}.json"].write_text(text, encoding="utf-8")


def _drawable(words: Sequence[Any]) -> tuple[list[Any], tuple[str, ...]]:
    """The words without characters that the font lacks, and these characters.

    Raises:
        BackendError: the font lacks a letter or a digit.
    """
    from dataclasses import replace

    from episodec.glyphs import has_glyph, missing_letters

    text = " ".join(word.word for word in words)
    if letters := missing_letters(text):
        facts = {"letters": " ".join(letters[:20])}
        raise BackendError(
            "the font of burnt-in captions lacks letters", facts=facts, hint="leave out `captions.burnt`"
        )
    left_out = tuple(dict.fromkeys(one for one in text if not has_glyph(one)))
    if not left_out:
        return list(words), ()
    kept = (replace(word, word="".join(filter(has_glyph, word.word))) for word in words)
    return [word for word in kept if word.word.strip()], left_out
