"""The words that prompts are understood by, grouped for a reader."""

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
    "no longer refused": lexicon.BUT,
    "no sound": lexicon.SILENT_WORDS,
}

_AMONG: Mapping[str, str] = {"window": lexicon.WINDOW, "glass": lexicon.GLASS, "water": lexicon.WATER}


def vocabulary() -> Iterator[tuple[str, dict[str, str]]]:
    """Each group's title, and its words by what is heard, English and Russian; `…` stands for a Russian ending."""
    places = {f"{name} ({_parts(name)})": words for name, words in lexicon.PLACES_WORDS.items()}
    yield "Places, hours and seasons, with what is heard in them", _written(places)
    yield "Sounds that go on all the time", _written(lexicon.BEDS)
    yield "Sounds that come and go", _written(lexicon.EVENTS)
    yield "Words whose sound goes by the others", _written(_AMONG)
    yield "Words that change how a sound is heard", _written(_HOW)


def _parts(place: str) -> str:
    return ", ".join(part.sound for part in lexicon.PLACES[place])


def _written(groups: Mapping[str, str]) -> dict[str, str]:
    return {
        name: ", ".join(dict.fromkeys(word.replace("_", " ").replace("*", "…") for word in words.split()))
        for name, words in groups.items()
    }
