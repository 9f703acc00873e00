"""Backend `capture`: an author's capture of a face, resampled to the frames of an episode."""

from collections.abc import Mapping
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError


class CaptureBackend:
    """Stage performance: `capture.csv` or `capture.json` to `performance.json` and the rows of each chunk. Params
    `frames`, `rate`, `chunk_frames`, `file_rate` (or null) and `breath`; `rests`, where another stage draws the lips.
    """

    stages: ClassVar[frozenset[str]] = frozenset({"performance"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "capture-short": "The capture ends before the episode: the face rests from there on.",
        "capture-columns": "Some columns of the capture are not channels and are ignored.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.performance.capture_json import read_capture
        from episodec.performance.captures import BadCapture
        from episodec.performance.parts import contents
        from episodec.performance.playing import end_s, played
        from episodec.tools.rests import rests_of

        ((path,),) = order.inputs.values()
        frames, rate = order.whole("frames"), order.whole("rate")
        file_rate = None if order.params["file_rate"] is None else order.whole("file_rate")
        try:
            capture = read_capture(path.name, path.read_text(encoding="utf-8"), file_rate)
        except UnicodeDecodeError as error:
            raise BackendError("the capture is not UTF-8 text", facts={"at": f"byte {error.start}"}) from error
        except BadCapture as bad:
            raise BackendError(bad.sentence, facts={"at": bad.place}, hint=bad.hint) from bad
        if capture.unknown:
            sentence = f"columns of the capture that are not channels are ignored: {', '.join(capture.unknown[:8])}"
            order.note("capture-columns", sentence, facts={"columns": list(capture.unknown)})
        if (last := end_s(capture)) < (frames - 1) / rate:
            sentence = f"the capture ends at {last:.2f} s of {frames / rate:.2f} s: the face rests from there on"
            order.note("capture-short", sentence, facts={"capture_s": round(last, 3), "episode_s": frames / rate})
        track = played(capture, frames, rate, order.number("breath"))
        for name, content in contents(track, rate, order.whole("chunk_frames"), rests_of(order)):
            order.outputs[name].write_bytes(content)
