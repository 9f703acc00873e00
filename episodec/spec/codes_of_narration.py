"""The codes of how long a narration is and of its pauses; `codes` has the others."""

from episodec.spec.code import error, warning

NARRATION = (
    error(
        "E206",
        "voice-too-long",
        "The voice text cannot fit its episode.",
        "At the character's pace the text takes longer than the episode, even with all that may be done about it: "
        "pauses of 0.15 s, a voice that speaks up to 15 % faster (where its pace can be set), up to 8 % by playing it "
        "faster, sentences that start at any frame; and beyond what the estimate may be off by: 8 % where the pace can "
        "be set, else 20 %.",
    ),
    warning(
        "E207",
        "voice-may-be-too-long",
        "The voice text may not fit its episode.",
        "At the character's pace the text takes a little longer than the episode, even with all that may be done about "
        "it. The build decides on the voice as it is spoken.",
    ),
    warning(
        "E235",
        "voice-is-helped-to-fit",
        "The voice text is longer than its episode, and something is done so that it fits.",
        "As little as does, in this order: pauses between sentences shrink to 0.15 s, those of paragraphs as well "
        "(marks like `[pause 0.4]` stay); a voice whose pace can be set speaks 5, 10 or 15 % faster; all is played 2 "
        "to 8 % faster, its pitch kept; sentences start at any frame, no longer on their grid, and are played faster "
        "as little as then is needed. Pauses and pace follow from the text alone; what is too long all the same, as it "
        "is spoken, is played faster.",
    ),
    error(
        "E262",
        "pause-mark",
        "A mark in the voice text is none.",
        "In a voice text `[pause 0.4]` is a pause of at least 0.4 s, and of at most 60 s; it may stand between "
        "sentences or within one, and is neither spoken nor shown. The text of a recording has no such marks: they "
        "would move nothing. `[smile]`, `[sad]` and `[neutral]` set the expression of the face until the next of them.",
    ),
    error(
        "E263",
        "pace-out-of-reach",
        "The voice cannot speak at the character's pace.",
        "`voice.characters_per_second` in character.yaml is the pace that a draft voice is set to.",
    ),
)
