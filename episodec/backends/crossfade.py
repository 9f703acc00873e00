"""Backend `crossfade`: joins segments of ambience, from a model with a limited duration, to an episode's length."""

from collections.abc import Mapping
from typing import ClassVar

from episodec.engine.backend import Digester, Fingerprint, Settings, WorkOrder
from episodec.errors import BackendError
from episodec.timebase import SAMPLE_RATE, samples_per_frame


class Crossfade:
    """Stage foley-join: params `frames`, `rate`, `overlap_frames`; inputs `segment.wav`, in order; 48 kHz, stereo."""

    stages: ClassVar[frozenset[str]] = frozenset({"foley-join"})
    deterministic: ClassVar[bool] = True
    notes: ClassVar[Mapping[str, str]] = {
        "ambience-joined": "The ambience is longer than its model can make in one run, and is joined from pieces.",
    }

    def fingerprint(self, settings: Settings, digests: Digester) -> Fingerprint:
        return Fingerprint({})

    def run(self, order: WorkOrder) -> None:
        from episodec.audio.ambience import crossfaded, finished
        from episodec.audio.wav import read_wav, write_wav

        frames, rate, overlap = (_whole(order, name) for name in ("frames", "rate", "overlap_frames"))
        length = samples_per_frame(rate)
        segments = []
        for path in order.inputs["segment.wav"]:
            samples, file_rate = read_wav(path)
            if file_rate != SAMPLE_RATE or samples.shape[1] != 2:
                facts = {"file": path.name, "found": f"{file_rate} Hz, {samples.shape[1]} channels"}
                raise BackendError("a segment of ambience is not stereo at 48 kHz", facts=facts)
            segments.append(samples)
        if len(segments) > 1:
            seconds = overlap / rate
            sentence = f"the ambience is joined from {len(segments)} pieces, with seams of {seconds:.2f} s"
            order.note("ambience-joined", sentence, facts={"pieces": len(segments), "seam_s": round(seconds, 3)})
        write_wav(order.output(), finished(crossfaded(segments, overlap * length), frames * length))


def _whole(order: WorkOrder, name: str) -> int:
    value = order.params.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BackendError("joining ambience needs whole numbers", facts={"name": name, "found": value})
    return value
