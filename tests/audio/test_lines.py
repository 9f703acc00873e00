"""Where lines of captions break, in Latin, Cyrillic and the scripts that have no spaces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodec.audio.cues import Clock, captions
from episodec.audio.lines import FULL, NARROW, WIDE, break_cost, pieces, width
from episodec.audio.words import SpokenWord


def lines_of_cues(text: str, *, pace: float = 15.0) -> list[tuple[str, ...]]:
    """The lines of all cues of a text that is one sentence, spoken at an even pace."""
    at, words = 0.0, []
    for word in text.split():
        end = at + len(word) / pace
        words.append(SpokenWord(word, round(at * 48_000), round(end * 48_000)))
        at = end + 1 / pace
    return [cue.lines for cue in captions(words, None, Clock(int(at * 30) + 60, 1600))]


def line_ends(text: str, *, pace: float = 15.0) -> list[str]:
    """The last words of all lines but the last."""
    return [line.split()[-1] for cue in lines_of_cues(text, pace=pace) for line in cue][:-1]


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("In the morning we met our good friend Dr. Smith and several others", ["Dr. Smith"]),
        ("In the end the letter was written by old Mr. John Green from the house", ["Mr. John"]),
        ("Как устроена голосовая модель внутри, см. рис. 12 и прочие таблицы", ["см. рис. 12"]),
        ("См. рис. 3 и табл. 4, где всё это показано для каждого из выпусков", ["рис. 3", "табл. 4,"]),
        ("Об этом стихотворении впервые написал сам А. С. Пушкин в письме", ["А. С. Пушкин"]),
        ("Этот человек родился в Москве весной 1799 г. в семье военного", ["1799 г."]),
        ("The committee of the whole house met in the U.S. Senate last week", ["U.S. Senate"]),
        ("Он жил тогда в старом доме на самой окраине, на ул. Ленина, 5", ["ул. Ленина,"]),
        ("The box that was sent to us by mail had a mass of 12 kg at most", ["12 kg"]),
    ],
)
@pytest.mark.parametrize("pace", [9.0, 15.0, 19.0])
def test_no_line_ends_behind_an_abbreviation(text: str, together: list[str], pace: float) -> None:
    lines = [line for cue in lines_of_cues(text, pace=pace) for line in cue]
    assert " ".join(lines) == text
    for words in together:
        assert any(words in line for line in lines), lines


@pytest.mark.parametrize(
    ("before", "after", "well"),
    [
        ("here.", "There", True),
        ("here!", "there", True),
        ("here.”", "There", True),
        ("etc.", "and", False),
        ("Dr.", "Smith", False),
        ("(рис.", "12)", False),
        ("т.е.", "Этот", False),
        ("…", "There", True),
        ("well…", "you", False),
        ("1984.", "The", True),
    ],
)
def test_a_full_stop_within_a_sentence_ends_one_only_where_it_is_no_abbreviations(
    before: str, after: str, well: object
) -> None:
    assert (break_cost(before, after, is_last=False) == 0) == well
    assert break_cost(before, after, is_last=True) == 0


CHINESE = (
    "我的声音保存在一个小文件里，它只有几十千字节，"
    "所以可以和文字一起放在版本库中，每次重新朗读时声音都不会改变，因为参考是同一个。"
)
JAPANESE = (
    "私の声は小さなファイルに保存されていて、"
    "テキストと一緒にリポジトリに置かれているので、読み直しても声は変わりません。"
)
KOREAN = "제 목소리는 작은 파일 하나에 담겨 있어서 글과 함께 저장소에 두어도 되고 다시 읽어도 목소리는 변하지 않습니다."


@pytest.mark.parametrize(
    ("text", "pace"), [(CHINESE, 5.0), (CHINESE, 8.0), (JAPANESE, 7.0), (JAPANESE, 9.0), (KOREAN, 6.0)]
)
def test_wide_glyphs_fill_a_line_by_sixteen(text: str, pace: float) -> None:
    cues = lines_of_cues(text, pace=pace)
    for lines in cues:
        assert 1 <= len(lines) <= 2
        assert all(width(line) <= FULL for line in lines)
        assert all(len(line) <= 18 for line in lines)
    assert "".join("".join(lines) for lines in cues).replace(" ", "") == text.replace(" ", "")
    assert any(len(lines) == 2 for lines in cues)


@pytest.mark.parametrize("text", [CHINESE, JAPANESE])
def test_lines_of_a_script_without_spaces_break_at_its_punctuation_and_never_before_it(text: str) -> None:
    lines = [line for cue in lines_of_cues(text, pace=6.0) for line in cue]
    assert not any(line[0] in "，、。」ー的っゃ" for line in lines)
    at_marks = sum(line[-1] in "，、。" for line in lines)
    assert at_marks >= len(lines) // 2


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("你好，世界。", ("你", "好，", "世", "界。")),
        ("「東京」へ", ("「東", "京」", "へ")),
        ("コーヒーを", ("コー", "ヒー", "を")),
        ("用Python编程", ("用", "Python", "编", "程")),
        ("안녕하세요", ("안녕하세요",)),
        ("Смотри!", ("Смотри!",)),
        ("か\u3099き", ("か\u3099", "き")),
        ("x" * 100, ("x" * 42, "x" * 42, "x" * 16)),
        ("한" * 20, ("한" * 16, "한" * 4)),
    ],
)
def test_words_are_broken_only_where_their_script_allows(word: str, parts: tuple[str, ...]) -> None:
    assert pieces(word) == parts


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("abc", 3 * NARROW),
        ("Ёж — да…", 8 * NARROW),
        ("声", WIDE),
        ("ｱ", NARROW),
        ("Ａ", WIDE),
        ("e\u0301", NARROW),
        ("한", WIDE),
        ("", 0),
    ],
)
def test_widths_are_those_of_the_east_asian_width_of_unicode(text: str, filled: int) -> None:
    assert width(text) == filled


@given(st.text(st.sampled_from("ab жщ声の、。「」ーっ한국 é\u0301\u0e01\u0e34"), min_size=1, max_size=120))
def test_lines_of_any_scripts_are_whole(text: str) -> None:
    cues = lines_of_cues(text, pace=12.0)
    if text.split():
        assert "".join("".join(lines) for lines in cues).replace(" ", "") == "".join(text.split())
    assert all(width(line) <= FULL for lines in cues for line in lines)
    for earlier, later in pairwise(pieces("".join(text.split()) or "a")):
        assert earlier
        assert later
