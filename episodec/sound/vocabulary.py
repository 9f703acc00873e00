"""The known words of prompts, grouped for readers."""

from collections.abc import Iterator, Mapping

from episodec.sound import lexicon

_HOW: Mapping[str, str] = {
    "quieter": lexicon.LEVELS_DB[-6.0],
    "louder": lexicon.LEVELS_DB[6.0],
    "far": lexicon.FAR,
    "near": lexicon.NEAR,
    "rarer": lexicon.RARE,
    "denser": lexicon.DENSE,
    "twice as": lexicon.VERY,
    "refused": f"{lexicon.NONE} {lexicon.NOT}",
    "no longer excluded": lexicon.BUT,
    "no sound": lexicon.SILENT_WORDS,
}

_AMONG: Mapping[str, str] = {"window": lexicon.WINDOW, "glass": lexicon.GLASS, "water": lexicon.WATER}


def vocabulary() -> Iterator[tuple[str, dict[str, str]]]:
    """Each group's title, and its words by sound, English and Russian; `…` marks a Russian ending."""
    places = {f"{name} ({_parts(name)})": words for name, words in lexicon.PLACES_WORDS.items()}
    yield "Places, hours and seasons, with their sounds", _written(places)
    yield "Continuous sounds", _written(lexicon.BEDS)
    yield "Sparse sounds", _written(lexicon.EVENTS)
    yield "Words that depend on the other sounds", _written(_AMONG)
    yield "Words that modify a sound", _written(_HOW)


def _parts(place: str) -> str:
    return ", ".join(part.sound for part in lexicon.PLACES[place])


def _written(groups: Mapping[str, str]) -> dict[str, str]:
    return {
        name: ", ".join(dict.fromkeys(word.replace("_", " ").replace("*", "…") for word in words.split()))
        for name, words in groups.items()
    }
