"""Lowering: a typed episode to actions and deliverables. `lower` is the data-flow diagram of an episode.

Pure: it gets digests, not files. It does not know whether anything was made before, where anything runs, or what a
backend does.
A new stage is one file beside this one and one call in `lower`.
"""

from episodec.stages.audio import lower_audio
from episodec.stages.captions import lower_captions
from episodec.stages.foley import lower_foley
from episodec.stages.lowering import Choice, Lowered, Lowering, Unlowered, joined, unlowered
from episodec.stages.mix import lower_mix
from episodec.stages.video import lower_video
from episodec.stages.voice import lower_voice

STAGES = ("voice", "join", "foley", "foley-join", "mix", "audio", "captions", "video")
"""Every stage by name, in the order of the data flow; profiles map these to backends."""

__all__ = ["STAGES", "Choice", "Lowered", "Lowering", "Unlowered", "lower"]


def lower(at: Lowering) -> Lowered:
    """Every action of an episode, and what of them is delivered.

    Raises:
        Unlowered: the episode asks for what no stage does; nothing of a spec is ignored in silence.
    """
    voice = lower_voice(at)
    foley = lower_foley(at)
    mix = lower_mix(at, voice.result, foley.result)
    audio = lower_audio(at, mix.result)
    captions = lower_captions(at, voice.result)
    video = lower_video(at)
    unlowered(at.episode)
    return joined(voice, foley, mix, audio, captions, video)
