"""WebVTT by the W3C's parser (webvtt1, sections 6.1 to 6.4): cases derived by hand from the standard's text."""

from pathlib import Path

import pytest

from episodec.audio.vtt import read_timings
from episodec.audio.webvtt import NoWebVtt, blocks, spans
from episodec.errors import BackendError

S = 48  # Samples a millisecond.
CUE = "00:00.000 --> 00:01.000\n"


def cues(text: str | bytes) -> list[tuple[int, int, tuple[str, ...]]]:
    """Start and end in milliseconds, and the lines."""
    content = text if isinstance(text, bytes) else text.encode()
    return [(block.start // S, block.end // S, block.lines) for block in blocks(content)]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        # 6.1: the signature, and the header that may follow it at once.
        (f"WEBVTT\n\n{CUE}a", [("a",)]),
        (f"\ufeffWEBVTT\n\n{CUE}a\n", [("a",)]),
        (f"WEBVTT some words --> more\n\n{CUE}a\n", [("a",)]),
        (f"WEBVTT\tsome words\n\n{CUE}a\n", [("a",)]),
        (f"WEBVTT\nKind: captions\nLanguage: en\n\n{CUE}a\n", [("a",)]),
        (f"WEBVTT\n{CUE}a\n", [("a",)]),
        ("WEBVTT", []),
        ("WEBVTT\n\n\n\n", []),
        # 6.1, steps 2 and 3: line ends of every kind, and NUL.
        (f"WEBVTT\r\r{CUE}a\r".replace("\n", "\r"), [("a",)]),
        (f"WEBVTT\n\n{CUE}a\nb\n".replace("\n", "\r\n"), [("a", "b")]),
        (f"WEBVTT\n\n{CUE}a\0b\n", [("a\ufffdb",)]),
        # Collecting a block: only an empty line or an arrow ends it.
        (f"WEBVTT\n\n{CUE}a\n \nb\n", [("a", " ", "b")]),
        (f"WEBVTT\n\n{CUE}a\n\t\nb\n", [("a", "\t", "b")]),
        (f"WEBVTT\n\n{CUE}a\n{CUE}b\n", [("a",), ("b",)]),
        (f"WEBVTT\n\n{CUE}{CUE}b\n", [(), ("b",)]),
        (f"WEBVTT\n\n{CUE}\n{CUE}b\n", [(), ("b",)]),
        (f"WEBVTT\n\n{CUE}a\n2\n{CUE}b\n", [("a", "2"), ("b",)]),
        (f"WEBVTT\n\n\n\n{CUE}a\n\n\n\n{CUE}b\n", [("a",), ("b",)]),
        # Identifiers, one line and more.
        (f"WEBVTT\n\n1\n{CUE}a\n\n2\n{CUE}b\n", [("a",), ("b",)]),
        (f"WEBVTT\n\none\nand more\n{CUE}a\n", [("a",)]),
        (f"WEBVTT\n\nalone\n\n{CUE}a\n", [("a",)]),
        # Comments, style sheets and regions, in which an arrow may stand against the rules.
        (f"WEBVTT\n\nNOTE a --> b\n\n{CUE}a\n", [("a",)]),
        (f"WEBVTT\n\nNOTE\nsome\nwords --> more\n\n{CUE}a\n", [("a",)]),
        (f"WEBVTT\n\nSTYLE\n::cue {{ color: red }}\n\nREGION\nid:x\n\n{CUE}a\n", [("a",)]),
        (f"WEBVTT\n\nNOTE behind it\n{CUE}a\n", [("a",)]),  # Here NOTE is an identifier.
    ],
)
def test_a_cue_is_what_the_standard_says(text: str, texts: list[tuple[str, ...]]) -> None:
    assert [lines for _, _, lines in cues(text)] == texts


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("00:00.000 --> 00:01.000", (0, 1000)),
        ("00:00.000-->00:01.000", (0, 1000)),
        ("  00:00.000\t --> \t00:01.000", (0, 1000)),
        ("00:00:00.000 --> 00:00:01.000", (0, 1000)),
        ("0:00:00.250 --> 100:00:01.000", (250, 360_001_000)),
        ("00:59.999 --> 59:59.999", (59_999, 3_599_999)),
        ("00:00.000 --> 00:01.000 align:start position:0%", (0, 1000)),
        ("00:00.000 --> 00:01.000align:start", (0, 1000)),
        ("00:00,000 --> 00:01,000", (0, 1000)),  # Not by the standard: see the module.
    ],
)
def test_times_are_read_as_the_standard_collects_them(line: str, times: tuple[int, int]) -> None:
    assert cues(f"WEBVTT\n\n{line}\na\n") == [(*times, ("a",))]


@pytest.mark.parametrize(
    "line",
    [
        *("00:60.000 --> 01:01.000", "60:00.000 --> 61:00.000", "00:00.00 --> 00:01.000", "00:00.0000 --> 00:01.000"),
        *("0:00.000 --> 00:01.000", "00:0.000 --> 00:01.000", "00:00 --> 00:01", "a 00:00.000 --> 00:01.000"),
        *("-00:00.000 --> 00:01.000", "00:00.000 --> ", "--> 00:01.000", "-->", "٠٠:٠٠.٠٠٠ --> ٠٠:٠١.٠٠٠"),
    ],
)
def test_what_the_standard_drops_for_its_times_is_told(line: str) -> None:
    with pytest.raises(NoWebVtt, match="not valid times"):
        cues(f"WEBVTT\n\n{line}\na\n")


@pytest.mark.parametrize("head", ["WEBVTTX", "webvtt", " WEBVTT", "\nWEBVTT", "", "WEBVT", "\ufeff\ufeffWEBVTT"])
def test_another_signature_is_none(head: str) -> None:
    with pytest.raises(NoWebVtt, match="WEBVTT"):
        cues(f"{head}\n\n{CUE}a\n")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a &amp; b &lt;i&gt; &#33;", [(None, "a & b <i> !")]),
        ("<i>a</i> <c.red.big>b</c> <v Ann>c</v> <lang ru>d</lang> <u><b>e</b></u>", [(None, "a b c d e")]),
        ("<unknown>a</unknown>", [(None, "a")]),
        ("a<b>b</b>c", [(None, "abc")]),
        ("a < b > c", [(None, "a  c")]),  # `<` always begins a tag.
        ("a <b", [(None, "a ")]),  # To the end of the cue, where nothing closes it.
        ("a <v\nAnn>b", [(None, "a b")]),
        ("<00:01.000>a <00:00:02.500>b", [(None, ""), (1000 * S, "a "), (2500 * S, "b")]),
        ("a<00:01.00>b<1>c<00:01.000 >d", [(None, "abcd")]),  # These are not valid times.
        ("<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby>です", [(None, "漢字です")]),
        ("&lrm;a&nbsp;b&rlm;", [(None, "\u200ea\xa0b\u200f")]),
        ("&lt;00:01.000&gt;", [(None, "<00:01.000>")]),
    ],
)
def test_the_text_of_a_cue_is_tokenised_as_the_standard_does(text: str, parts: list[tuple[int | None, str]]) -> None:
    assert spans(text) == parts


def spoken(tmp_path: Path, text: str) -> list[tuple[str, int]]:
    """The words and the milliseconds at which they begin."""
    (tmp_path / "timings.vtt").write_text(text, encoding="utf-8")
    return [(word.word, word.start // S) for word in read_timings(tmp_path / "timings.vtt", 20_000 * S)]


def test_a_line_with_an_arrow_inside_a_cue_begins_the_next_one(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:07.000 --> 00:10.890\n00:07.000 --> 00:10.890\nCaption\n\n00:11.890 --> 00:16.320\ntext\n"
    assert spoken(tmp_path, text) == [("Caption", 7000), ("text", 11_890)]


def test_characters_that_nobody_sees_are_no_part_of_a_word(tmp_path: Path) -> None:
    text = f"WEBVTT\n\n{CUE}\u202edi\x1bd &#x202e;\U000e0041it\u00ad \u200b now\n"
    assert [word for word, _ in spoken(tmp_path, text)] == ["did", "it", "now"]


ROLLED = (
    "WEBVTT\nKind: captions\nLanguage: en\n\n"
    "00:00:00.160 --> 00:00:02.389 align:start position:0%\n \nhello<00:00:00.480><c> world</c>\n\n"
    "00:00:02.389 --> 00:00:02.399 align:start position:0%\nhello world\n \n\n"
    "00:00:02.399 --> 00:00:04.000 align:start position:0%\nhello world\nand<00:00:02.800><c> you</c>\n\n"
    "00:00:04.000 --> 00:00:04.010 align:start position:0%\nand you\n \n\n"
    "00:00:04.010 --> 00:00:05.000 align:start position:0%\nand you\ntoo\n"
)


def test_lines_that_roll_up_are_said_once(tmp_path: Path) -> None:
    assert spoken(tmp_path, ROLLED) == [("hello", 160), ("world", 480), ("and", 2399), ("you", 2800), ("too", 4010)]


def test_words_that_are_said_twice_are_read_twice(tmp_path: Path) -> None:
    text = "WEBVTT\n\n00:00.000 --> 00:01.000\nno\n\n00:01.000 --> 00:02.000\nno\n"
    assert spoken(tmp_path, text) == [("no", 0), ("no", 1000)]
    timed = text + "\n00:02.000 --> 00:03.000\nnever <00:02.500>ever\n"
    assert [word for word, _ in spoken(tmp_path, timed)] == ["no", "no", "never", "ever"]


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n\n00:02.000 --> 00:01.000\na\n",  # The standard keeps a cue that is never shown.
        "WEBVTT\n\n00:00.000 --> 00:02.000\na\n\n00:01.000 --> 00:03.000\nb\n",  # And cues that stand side by side.
    ],
)
def test_cues_that_give_no_order_of_words_are_refused_with_their_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(BackendError) as caught:
        spoken(tmp_path, text)
    assert caught.value.facts["reason"] == "the cues are out of order"


def test_a_file_that_is_too_large_is_refused_before_it_is_taken_apart() -> None:
    with pytest.raises(NoWebVtt, match="larger than 4 MiB"):
        blocks(b"WEBVTT\n\n" + b"x" * (4 << 20))
