"""The words of a plan's picture: one table per language."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlanLabels:
    """All words in one language; those with braces are templates for `str.format`."""

    title: str
    above: str
    aside: str
    camera: str
    time: str
    sound: str
    sentences: str
    frame: str
    seconds: str
    metres: str
    facts: str
    mark: str  # Between a number's whole part and its decimals.
    moves: Mapping[str, str]  # The kinds of camera segments, where the spec's word is not the label.


EN = PlanLabels(
    title="Frame plan",
    above="from above",
    aside="from the character's right",
    camera="camera",
    time="scene time",
    sound="sound",
    sentences="sentences",
    frame="frame",
    seconds="{seconds} s",
    metres="{metres} m",
    facts="frames: {frames}   {rate} a second   {seconds} s   {width} × {height} pixels",
    mark=".",
    moves={},
)

RU = PlanLabels(
    title="План кадров",
    above="сверху",
    aside="справа от персонажа",
    camera="камера",
    time="время сцены",
    sound="звук",
    sentences="предложения",
    frame="кадр",
    seconds="{seconds} с",
    metres="{metres} м",
    facts="кадров: {frames}   {rate} в секунду   {seconds} с   {width} × {height} пикселей",
    mark=",",
    moves={
        "static": "неподвижна",
        "orbit": "облёт",
        "dolly": "проезд",
        "keyframes": "по ключам",
        "file": "по файлу",
    },
)

_TABLES = {"en": EN, "ru": RU}


def plan_labels(language: str) -> PlanLabels:
    """The words in a language (BCP 47), by its first subtag; English for a language without a table here."""
    return _TABLES.get(language.partition("-")[0].lower(), EN)
