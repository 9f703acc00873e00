"""Codes of the length and pauses of a narration; `codes` has the others."""

from episodec.spec.code import error, warning

NARRATION = (
    error(
        "E206",
        "voice-too-long",
        "The voice text cannot fit its episode.",
        "At the character's pace the text takes longer than the episode, even with every available measure: pauses "
        "of 0.15 s, a voice that speaks up to 15 % faster (where its pace can be set), playback up to 8 % faster, "
        "sentences that start at any frame. The excess is larger than the error of the estimate: 8 % where the "
        "pace can be set, else 20 %.",
    ),
    warning(
        "E207",
        "voice-may-be-too-long",
        "The voice text may not fit its episode.",
        "At the character's pace the text takes a little longer than the episode, even with every available "
        "measure. The build decides from the actual speech.",
    ),
    warning(
        "E235",
        "voice-is-helped-to-fit",
        "The voice text is longer than its episode and is sped up or tightened to fit.",
        "Only as much as needed, in this order: pauses between sentences shrink to 0.15 s, those of paragraphs as "
        "well (marks like `[pause 0.4]` stay); a voice whose pace can be set speaks 5, 10 or 15 % faster; everything "
        "is played 2 to 8 % faster, its pitch kept; sentences start at any frame instead of on their grid, and are "
        "then played only as much faster as needed. Pauses and pace follow from the text alone; if the actual speech "
        "is still too long, it is played faster.",
    ),
    error(
        "E262",
        "pause-mark",
        "A mark in the voice text is not valid.",
        "In a voice text `[pause 0.4]` is a pause of at least 0.4 s, and of at most 60 s; it may be between "
        "sentences or within one, and is neither spoken nor shown. The text of a recording must have no such marks: "
        "they would move nothing. `[smile]`, `[sad]` and `[neutral]` set the expression of the face until the next "
        "of them.",
    ),
    error(
        "E263",
        "pace-out-of-reach",
        "The voice cannot speak at the character's pace.",
        "`voice.characters_per_second` in character.yaml is the pace to which a draft voice is set.",
    ),
)
