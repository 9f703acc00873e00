"""Russian words that readings know: units, currencies, months, rulers, abbreviations, letters, signs."""

from collections.abc import Mapping
from dataclasses import replace

from episodec.spec.readings.common import listed
from episodec.spec.readings.russian.grammar import Noun

_Endings = tuple[tuple[str, ...], tuple[str, ...]]
_HARD: _Endings = ("", "а", "у", "", "ом", "е"), ("ы", "ов", "ам", "ы", "ами", "ах")
_HARD_BARE: _Endings = _HARD[0], ("ы", "", "ам", "ы", "ами", "ах")
_SOFT: _Endings = ("ь", "я", "ю", "ь", "ем", "е"), ("и", "ей", "ям", "и", "ями", "ях")
_STRESSED: _Endings = ("ь", "я", "ю", "ь", "ём", "е"), _SOFT[1]
_FEMININE: _Endings = ("а", "ы", "е", "у", "ой", "е"), ("ы", "", "ам", "ы", "ами", "ах")
_STILL: _Endings = ("",) * 6, ("",) * 6
_SQUARE: _Endings = ("ый", "ого", "ому", "ый", "ым", "ом"), ("ые", "ых", "ым", "ые", "ыми", "ых")
_CUBIC: _Endings = ("ий", "ого", "ому", "ий", "им", "ом"), ("ие", "их", "им", "ие", "ими", "их")


def _noun(stem: str, endings: _Endings, gender: str = "m") -> Noun:
    singular, many = endings
    return Noun(gender, tuple(stem + end for end in singular), tuple(stem + end for end in many))


def _prefixed(prefix: str, noun: Noun) -> Noun:
    return replace(
        noun, singular=tuple(prefix + it for it in noun.singular), many=tuple(prefix + it for it in noun.many)
    )


def _described(stem: str, endings: _Endings, noun: Noun) -> Noun:
    """`квадратный метр`, `два квадратных метра`."""
    singular = tuple(f"{stem}{end} {form}" for end, form in zip(endings[0], noun.singular, strict=True))
    many = tuple(f"{stem}{end} {form}" for end, form in zip(endings[1], noun.many, strict=True))
    return Noun(noun.gender, singular, many, few=f"{stem}{endings[1][1]} {noun.singular[1]}")


_METRE, _GRAM, _LITRE, _FRAME = (_noun(stem, _HARD) for stem in ("метр", "грамм", "литр", "кадр"))
_BYTE, _BIT, _HERTZ, _WATT, _VOLT = (_noun(stem, _HARD_BARE) for stem in ("байт", "бит", "герц", "ватт", "вольт"))
_SECOND, _MINUTE, _TONNE = (_noun(stem, _FEMININE, "f") for stem in ("секунд", "минут", "тонн"))
_HOUR, _PIXEL, DEGREE = _noun("час", _HARD), _noun("пиксел", _SOFT), _noun("градус", _HARD)

_SIMPLE: Mapping[str, Noun] = {
    "км": _prefixed("кило", _METRE),
    "м": _METRE,
    "см": _prefixed("санти", _METRE),
    "мм": _prefixed("милли", _METRE),
    "мкм": _prefixed("микро", _METRE),
    "нм": _prefixed("нано", _METRE),
    "т": _TONNE,
    "кг": _prefixed("кило", _GRAM),
    "г": _GRAM,
    "мг": _prefixed("милли", _GRAM),
    "л": _LITRE,
    "мл": _prefixed("милли", _LITRE),
    "ч": _HOUR,
    "мин": _MINUTE,
    "сек": _SECOND,
    "с": _SECOND,
    "мс": _prefixed("милли", _SECOND),
    "мкс": _prefixed("микро", _SECOND),
    "нс": _prefixed("нано", _SECOND),
    "Гц": _HERTZ,
    "кГц": _prefixed("кило", _HERTZ),
    "МГц": _prefixed("мега", _HERTZ),
    "ГГц": _prefixed("гига", _HERTZ),
    "КБ": _prefixed("кило", _BYTE),
    "МБ": _prefixed("мега", _BYTE),
    "ГБ": _prefixed("гига", _BYTE),
    "ТБ": _prefixed("тера", _BYTE),
    "Кбит": _prefixed("кило", _BIT),
    "Мбит": _prefixed("мега", _BIT),
    "Гбит": _prefixed("гига", _BIT),
    "Вт": _WATT,
    "кВт": _prefixed("кило", _WATT),
    "МВт": _prefixed("мега", _WATT),
    "В": _VOLT,
    "дБ": _noun("децибел", _HARD_BARE),
    "пикс": _PIXEL,
    "°": DEGREE,
    "°C": replace(DEGREE, after="Цельсия"),
    "°F": replace(DEGREE, after="Фаренгейта"),
    "%": _noun("процент", _HARD),
    "‰": _noun("промилле", _STILL, "n"),
}
_LATIN = {
    "km": "км",
    "m": "м",
    "cm": "см",
    "mm": "мм",
    "kg": "кг",
    "ms": "мс",
    "Hz": "Гц",
    "kHz": "кГц",
    "MHz": "МГц",
    "GHz": "ГГц",
    "KB": "КБ",
    "MB": "МБ",
    "GB": "ГБ",
    "TB": "ТБ",
    "dB": "дБ",
    "px": "пикс",
    "кБ": "КБ",
    "Мб": "МБ",
    "Гб": "ГБ",
    "°С": "°C",  # A Cyrillic С.
}
_SPEEDS = {
    "кадр/с": replace(_FRAME, after="в секунду"),
    **dict.fromkeys(("кадра/с", "кадров/с", "к/с"), replace(_FRAME, after="в секунду")),
    "fps": replace(_FRAME, after="в секунду"),
    "км/ч": replace(_SIMPLE["км"], after="в час"),
    "км/с": replace(_SIMPLE["км"], after="в секунду"),
    "м/с": replace(_METRE, after="в секунду"),
    "м/с²": replace(_METRE, after="на секунду в квадрате"),
    "об/мин": replace(_noun("оборот", _HARD), after="в минуту"),
    **{f"{unit}/с": replace(_SIMPLE[unit], after="в секунду") for unit in ("Кбит", "Мбит", "Гбит", "КБ", "МБ", "ГБ")},
}
_POWERS = {
    f"{unit}{power}": _described(stem, endings, _SIMPLE[unit])
    for power, stem, endings in (("²", "квадратн", _SQUARE), ("³", "кубическ", _CUBIC))
    for unit in ("км", "м", "см", "мм")
}
_KOPECK = Noun(
    "f",
    tuple("копейк" + end for end in ("а", "и", "е", "у", "ой", "е")),
    ("копейки", "копеек", "копейкам", "копейки", "копейками", "копейках"),
)
_CENT = _noun("цент", _HARD)
CURRENCIES: Mapping[str, tuple[Noun, Noun | None]] = {
    "₽": (_noun("рубл", _STRESSED), _KOPECK),
    "руб": (_noun("рубл", _STRESSED), _KOPECK),
    "$": (_noun("доллар", _HARD), _CENT),
    "€": (_noun("евро", _STILL), _CENT),
    "£": (_noun("фунт", _HARD), None),
    "¥": (_noun("иен", _FEMININE, "f"), None),
}
"""Currencies, each with the name of its hundredth, for amounts with two decimals."""

UNITS: Mapping[str, Noun] = {
    **_SIMPLE,
    **{latin: _SIMPLE[unit] for latin, unit in _LATIN.items()},
    **_SPEEDS,
    **_POWERS,
    "коп": _KOPECK,
    **{sign: noun for sign, (noun, _) in CURRENCIES.items()},
}

_THOUSAND = Noun(
    "f",
    tuple("тысяч" + end for end in ("а", "и", "е", "у", "ей", "е")),
    tuple("тысяч" + end for end in ("и", "", "ам", "и", "ами", "ах")),
)
SCALES: Mapping[str, Noun] = {
    "тыс": _THOUSAND,
    "млн": _noun("миллион", _HARD),
    "млрд": _noun("миллиард", _HARD),
    "трлн": _noun("триллион", _HARD),
}

AMBIGUOUS = frozenset({"с"})
"""Units that are also prepositions."""

MONTHS: Mapping[str, int] = {
    name: number
    for number, name in enumerate(
        listed("января февраля марта апреля мая июня июля августа сентября октября ноября декабря"), 1
    )
}
MONTHS_IN_ALL_CASES = (
    r"(?:январ|феврал|апрел|ию[нл]|сентябр|октябр|ноябр|декабр)(?:ь|я|ю|[её]м|е)"
    r"|(?:март|август)(?:а|у|ом|е)?|ма(?:й|я|ю|ем|е)"
)

# Nouns counted off in the singular: `72 эпизод` is the seventy-second. Masculines whose genitive plural differs.
MASCULINE = listed(
    "эпизод выпуск кадр сезон шаг том этап урок пункт век слой класс этаж день месяц квартал уровень тур"
)

# Nouns with a Roman numeral: gender and stem; the numeral follows (`глава IV`) or precedes (`XX век`).
NUMBERED: Mapping[str, str] = {
    "век": "m",
    "столети": "n",
    "тысячелети": "n",
    "квартал": "m",
    "съезд": "m",
    "том": "m",
    "раздел": "m",
    "акт": "m",
    "этап": "m",
    "тур": "m",
    "сезон": "m",
    "класс": "m",
    "глав": "f",
    "мест": "n",
    "част": "f",
    "книг": "f",
    "степен": "f",
    "групп": "f",
    "категори": "f",
    "олимпиад": "f",
    "сери": "f",
    "войн": "f",
}

RULERS = (
    listed(
        "Пётр Петр Николай Никола Александр Павел Павл Людовик Генрих Карл Иван Иоанн Фридрих Вильгельм Эдуард Георг "
        "Яков Филипп Наполеон Фёдор Федор Василий Васили Ричард Рамзес Чарльз Бенедикт Франциск Максимилиан Леопольд "
        "Рудольф"
    ),
    listed("Екатерин Елизавет Мари Анн Изабелл Маргарит Кристин"),
)
"""Stems of names, of men and of women."""

ABBREVIATIONS: Mapping[str, str] = {
    "т. е.": "то есть",
    "т. к.": "так как",
    "т. д.": "так далее",
    "т. п.": "тому подобное",
    "т. ч.": "том числе",
    "т. о.": "таким образом",
    "др.": "другие",
    "пр.": "прочее",
    "напр.": "например",
    "см.": "смотри",
    "ср.": "сравни",
    "ок.": "около",
    "им.": "имени",
    "проф.": "профессор",
    "акад.": "академик",
    "до н. э.": "до нашей эры",
    "н. э.": "нашей эры",
    "макс.": "максимум",
    "мин.": "минимум",
    "руб.": "рублей",
    "тыс.": "тысяч",
    "млн": "миллионов",
    "млрд": "миллиардов",
}
"""Abbreviations that need no number beside them. `и др.` and `и пр.` need their conjunction, see `russian`."""

BEFORE_NUMBERS: Mapping[str, tuple[str, str, str]] = {
    "рис.": ("рисунок", "рисунке", "рисунка"),
    "стр.": ("страница", "странице", "страницы"),
    "табл.": ("таблица", "таблице", "таблицы"),
    "гл.": ("глава", "главе", "главы"),
    "разд.": ("раздел", "разделе", "раздела"),
    "п.": ("пункт", "пункте", "пункта"),
    "д.": ("дом", "доме", "дома"),
    "кв.": ("квартира", "квартире", "квартиры"),
    "корп.": ("корпус", "корпусе", "корпуса"),
}
"""Abbreviations before a number, in three forms: nominative, after `в` and `на`, after `из`, `от`, `до`, `с`."""

PLACES: Mapping[str, tuple[str, str, str]] = {
    "г.": ("город", "городе", "города"),
    "ул.": ("улица", "улице", "улицы"),
    "просп.": ("проспект", "проспекте", "проспекта"),
    "пер.": ("переулок", "переулке", "переулка"),
}
"""Abbreviations before a name, in the same forms."""

LETTERS: Mapping[str, str] = dict(
    zip(
        "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯ",
        listed("а бэ вэ гэ дэ е ё жэ зэ и й ка эл эм эн о пэ эр эс тэ у эф ха цэ че ша ща э ю я"),
        strict=True,
    )
)
LATIN_LETTERS: Mapping[str, str] = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        listed("эй би си ди и эф джи эйч ай джей кей эл эм эн о пи кью ар эс ти ю ви дабл-ю икс уай зед"),
        strict=True,
    )
)
SPELLED = frozenset(listed("США МГУ СПбГУ ЦРУ ЭВМ ОАЭ ЕС ЕГЭ ЦПУ ИИ БПЛА АЭС ЭКГ ОС"))
"""Abbreviations with vowels that are spelt out; those without vowels all are."""

SPECIAL: Mapping[str, str] = {"США": "сэ шэ а", "ФБР": "фэ бэ эр", "ФРГ": "фэ эр гэ"}
"""Spelt with other names of letters."""

LATIN_SPELLED = frozenset(
    listed("API GPU CPU TPU USB UI UX AI USA UK EU URL IT OS PC AMD IBM SDK IDE IP SQL AWS RGB GUI")
)

GREEK: Mapping[str, str] = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        listed(
            "альфа бета гамма дельта эпсилон дзета эта тета йота каппа лямбда мю ню кси омикрон пи ро сигма тау "
            "ипсилон фи хи пси омега"
        ),
        strict=True,
    )
)

SIGNS: Mapping[str, str] = {
    r"\+(?=\s?\d)|(?<=\d\s)\+(?=\s)": "плюс",
    r"(?<![\w)])-(?=\d)|(?<=\d\s)-(?=\s\d+\s?=)|(?<=\d)-(?=\d+\s?=)|−": "минус",
    r"±": "плюс-минус",
    r"(?<=\s)=(?=\s)|(?<=\w)=(?=\d)": "равно",
    r"≈": "примерно равно",
    r"~(?=\s?\d)": "примерно",
    r"≠": "не равно",
    r"≤": "меньше или равно",
    r"≥": "больше или равно",
    r"<(?=\s?\d)": "меньше",
    r">(?=\s?\d)": "больше",
    r"÷": "разделить на",
    r"√": "корень из",
    r"∞": "бесконечность",
    r"№№": "номера",
    r"№|#(?=\d)": "номер",
    r"§§": "параграфы",
    r"§": "параграф",
    r"(?<=\s)&(?=\s)": "и",
    r"(?<=\w)²": "в квадрате",
    r"(?<=\w)³": "в кубе",
    r"%": "процентов",
    r"½": "одна вторая",
    r"¼": "одна четвёртая",
    r"¾": "три четвёртых",
    r"\$": "долларов",
    r"€": "евро",
    r"₽": "рублей",
    r"£": "фунтов",
}
"""Signs that are read on their own: a pattern and its words; the first match wins."""
