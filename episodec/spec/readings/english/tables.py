"""English words that readings know: units, currencies, months, rulers, abbreviations, letters, signs."""

from collections.abc import Mapping

from episodec.spec.readings.common import listed

_PLAIN = {
    "km": "kilometer",
    "m": "meter",
    "cm": "centimeter",
    "mm": "millimeter",
    "nm": "nanometer",
    "mi": "mile",
    "ft": "foot",
    "in": "inch",
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "kg": "kilogram",
    "g": "gram",
    "mg": "milligram",
    "l": "liter",
    "L": "liter",
    "ml": "milliliter",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "min": "minute",
    "s": "second",
    "sec": "second",
    "ms": "millisecond",
    "ns": "nanosecond",
    "kHz": "kilohertz",
    "Hz": "hertz",
    "MHz": "megahertz",
    "GHz": "gigahertz",
    "KB": "kilobyte",
    "kB": "kilobyte",
    "MB": "megabyte",
    "GB": "gigabyte",
    "TB": "terabyte",
    "dB": "decibel",
    "W": "watt",
    "kW": "kilowatt",
    "V": "volt",
    "px": "pixel",
    "°": "degree",
}
_IRREGULAR = {"foot": "feet", "inch": "inches", "kilohertz": "kilohertz", "hertz": "hertz", "megahertz": "megahertz"}
_IRREGULAR |= {"gigahertz": "gigahertz"}
_PAIRS = {unit: (one, _IRREGULAR.get(one, f"{one}s")) for unit, one in _PLAIN.items()}
UNITS: Mapping[str, tuple[str, str]] = {
    **_PAIRS,
    "%": ("percent", "percent"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "fps": ("frame per second", "frames per second"),
    "mph": ("mile per hour", "miles per hour"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "m/s": ("meter per second", "meters per second"),
    "m/s²": ("meter per second squared", "meters per second squared"),
    "MB/s": ("megabyte per second", "megabytes per second"),
    "GB/s": ("gigabyte per second", "gigabytes per second"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "kbps": ("kilobit per second", "kilobits per second"),
    **{
        f"{unit}{power}": (f"{name} {_PAIRS[unit][0]}", f"{name} {_PAIRS[unit][1]}")
        for power, name in (("²", "square"), ("³", "cubic"))
        for unit in ("km", "m", "cm", "mm", "ft")
    },
}
"""Units, each with the words for its singular and plural."""

AMBIGUOUS = frozenset({"m", "g", "l", "L", "h", "s", "in", "W", "V", "min"})
"""Units that are one letter or a word: ambiguous before another word, unless next to the number."""

CURRENCIES: Mapping[str, tuple[str, str, str, str]] = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "", ""),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
}
SCALES: Mapping[str, str] = {
    "thousand": "thousand",
    "million": "million",
    "billion": "billion",
    "trillion": "trillion",
    "k": "thousand",
    "K": "thousand",
    "M": "million",
    "mn": "million",
    "bn": "billion",
    "B": "billion",
}

MONTHS = listed("January February March April May June July August September October November December")
SHORT_MONTHS: Mapping[str, str] = {name[:3]: name for name in MONTHS if name != "May"} | {"Sept": "September"}

NUMBERED = listed(
    "Chapter Part Volume Book Act Scene Section Article Phase Stage Type Level Class Episode Season Figure Table "
    "Appendix War Page Round Grade Title Mark Super Bowl Olympiad"
)
"""Words before a Roman numeral that is a cardinal: `Chapter IV`, `World War II`."""

RULERS = listed(
    "Henry Charles James George William Edward Richard Elizabeth Mary Louis Louis-Philippe Napoleon Peter Catherine "
    "Nicholas Alexander Paul Ivan Frederick Philip Benedict Francis Pius Leo John Ramesses Victoria Anne Leopold "
    "Wilhelm"
)

ABBREVIATIONS: Mapping[str, str] = {
    "Mr.": "Mister",
    "Mrs.": "Missus",
    "Ms.": "Miz",
    "Mt.": "Mount",
    "Ave.": "Avenue",
    "Blvd.": "Boulevard",
    "Prof.": "Professor",
    "Capt.": "Captain",
    "Sgt.": "Sergeant",
    "Jr.": "Junior",
    "Sr.": "Senior",
    "Inc.": "Incorporated",
    "Ltd.": "Limited",
    "Corp.": "Corporation",
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "et cetera",
    "vs.": "versus",
    "approx.": "approximately",
    "dept.": "department",
    "est.": "established",
    "et al.": "et al",
    "a.k.a.": "also known as",
    "w/o": "without",
    "max.": "maximum",
    "min.": "minimum",
}

BEFORE_NUMBERS: Mapping[str, str] = {
    "no.": "number",
    "nos.": "numbers",
    "fig.": "figure",
    "figs.": "figures",
    "vol.": "volume",
    "ch.": "chapter",
    "sec.": "section",
    "p.": "page",
    "pp.": "pages",
    "ep.": "episode",
    "eq.": "equation",
    "ca.": "circa",
    "c.": "circa",
}

LETTERS: Mapping[str, str] = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        listed(
            "ay bee see dee ee eff jee aitch eye jay kay ell em en oh pee cue ar ess tee you vee double-you ex why zee"
        ),
        strict=True,
    )
)
SPELLED = frozenset(
    listed("API GPU CPU TPU USB UI UX AI USA UK EU UN URL PC OS AMD IBM SDK IDE IP AWS RGB GUI CEO DIY FAQ")
)
"""Abbreviations with vowels that are spelt out; those without vowels all are."""

GREEK: Mapping[str, str] = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        listed(
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
            "upsilon phi chi psi omega"
        ),
        strict=True,
    )
)

SIGNS: Mapping[str, str] = {
    r"\+(?=\s?\d)|(?<=\d\s)\+(?=\s)": "plus",
    r"(?<![\w)])-(?=[\d$€£])|(?<=\d\s)-(?=\s\d+\s?=)|(?<=\d)-(?=\d+\s?=)|−": "minus",
    r"±": "plus or minus",
    r"(?<=\s)=(?=\s)|(?<=\w)=(?=\d)": "equals",
    r"≈|~(?=\s?\d)": "about",
    r"≠": "does not equal",
    r"≤": "at most",
    r"≥": "at least",
    r"<(?=\s?\d)": "less than",
    r">(?=\s?\d)": "more than",
    r"÷": "divided by",
    r"√": "the square root of",
    r"∞": "infinity",
    r"№|#(?=\d)": "number",
    r"§": "section",
    r"(?<=\s)&(?=\s)": "and",
    r"(?<=[A-Z])&(?=[A-Z])": "and",
    r"(?<=\s)@(?=\s)": "at",
    r"(?<=\w)²": "squared",
    r"(?<=\w)³": "cubed",
    r"%": "percent",
    r"½": "one half",
    r"¼": "one quarter",
    r"¾": "three quarters",
    r"\$": "dollars",
    r"€": "euros",
    r"£": "pounds",
    r"₽": "rubles",
}
"""Signs that are read on their own: a pattern and its words; the first match wins."""
