"""Posts that were written before their specs: the parts that are recognised, and that nothing is lost."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from episodec.page.post import post as post_text
from episodec.page.summary import EpisodeSummary, SpokenNarration, SpokenSentence
from episodec.spec import naming
from episodec.spec.existing.blocks import BlockKind, markdown, read_blocks
from episodec.spec.existing.recognised import recognise
from episodec.spec.existing.specs import Surroundings, form_of, language_of, series_post, spec_of
from episodec.spec.structure import section
from episodec.spec.types import Episode, Series
from episodec.spec.types_of_delivery import PostForm
from episodec.stages import BackendChoice, Lowering, lower
from episodec.timebase import SAMPLE_RATE
from tests.spec.specs import LANGUAGE, episode, series

POSTS = Path(__file__).parent / "posts"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(POSTS.glob("*.txt"))}
NUMBERS = {"069": 69, "072": 72, "hybrid": 73}
NAMING = Series("x").naming


def name_of(number: int) -> str:
    return naming.expand(NAMING, character="alpha", season="d13", number=number)


FORM = form_of(recognise(TEXTS["072"]), 72, name_of(72))


def surroundings(number: int, form: PostForm = FORM) -> Surroundings:
    return Surroundings(number, name_of(number), "ru", 900, 30, form, has_picture=False, schema="s.json")


def parsed(name: str) -> Episode:
    """The episode of a post, in a series with the form of the first one."""
    head = "episodec: 1\ntitle: Alpha\nseason: d13\ncharacter: alpha\nlanguage: ru\ndisclosure: D.\n"
    of, wrong = series(head + series_post(FORM, LANGUAGE))
    assert (wrong, of and of.post.signature) == ([], FORM.signature)
    assert of is not None
    text, _ = spec_of(recognise(TEXTS[name]), TEXTS[name], surroundings(NUMBERS[name]), LANGUAGE)
    whole, _ = episode(text, of)
    assert whole is not None
    return whole


def bare(text: str) -> str:
    """A text without what only lays it out: blanks, marks of headings, lists and code, escapes."""
    return re.sub(r"```|^#+ |^\s*[-•→]\s|(?<=\.mp4)- |\s|\\|\u2060", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", ["069", "072"])
def test_the_post_of_an_imported_spec_is_the_post_that_it_was_made_of(name: str) -> None:
    whole = parsed(name)
    lowered = lower(Lowering(whole, lambda _, needed: BackendChoice(needed or "toy"), {}, has_backend=lambda _: True))
    (action,) = (action for action in lowered.actions if action.stage == "post")
    assert whole.voice is not None
    sentences = (whole.voice.text or "").splitlines()
    length = int((recognise(TEXTS[name]).seconds or 0) * SAMPLE_RATE)
    spoken = tuple(SpokenSentence(text, 0, length) for text in sentences)
    film = f"video/{whole.name}.mp4"  # Without a portrait there is none.
    params = {**action.params, "files": [*map(str, action.params["files"]), film]}  # type: ignore[arg-type]
    text = post_text(EpisodeSummary(params, SpokenNarration(spoken, 1)))
    own, _, rest = text.partition("## Раскрытие информации")
    assert bare(own) == bare(TEXTS[name])
    assert rest.startswith("\n\nD.\n")


@pytest.mark.parametrize("name", TEXTS)
def test_no_word_of_a_post_is_lost(name: str) -> None:
    whole = parsed(name)
    fields = [*section(whole.post).values(), whole.title, whole.description, whole.name]
    fields += [whole.voice.text] if whole.voice else []
    fields += [whole.foley.prompt] if whole.foley else []
    words = set(re.findall(r"\w+", " ".join(map(str, fields))))
    known = {
        str(whole.number),
        "72",
        "69",
        "32",
        "30",
        "я",
        "static",
        "audio",
        "video",
        "wav",
        "mp4",
        f"{whole.name}_voice",
    }
    assert set(re.findall(r"\w+", TEXTS[name])) - words - known == set()


def test_the_parts_of_a_post_are_recognised() -> None:
    post = recognise(TEXTS["072"])
    assert (post.number, post.title, post.stem, post.seconds) == (
        72,
        "single source of truth",
        "alpha_d13_episode72",
        32,
    )
    assert post.description.startswith("Path A close-up. ")
    assert post.narration is not None
    assert post.narration.startswith("Что precisely содержит")
    assert post.narration.endswith("для visual character.")
    assert (post.prompt, post.signature) == (
        "design studio quiet, soft pencil scratch",
        "Альфа / RTX 5090 / GB202 / 0x2b85",
    )
    assert post.cost == "Реф-программа 1dedic — прозрачный кост-share."
    assert [block.text for block in post.own if block.kind is BlockKind.HEADING] == [
        "Downstream pipelines from alpha-ref",
        "Why single canonical",
        "Generation parameters",
        "What identity means here",
    ]


def test_the_form_of_a_series_holds_placeholders_for_what_its_specs_hold() -> None:
    assert FORM.header == (
        "Episode #{number} — {description}\n\n→ {name}.mp4 — {title}\n\n## Что в эпизоде\n\n"
        "Voice (~{narration_seconds} sec): «{narration}»"
    )
    assert FORM.footer == (
        "## Pipeline\n\nStandard pure 4DGS narration. Foley «{ambience}» — {ordinal:f} уникальная ambient.\n\n"
        "## Что shipped\n\n- /{file:narration} ({narration_seconds} sec)\n- /{file:video}\n"
        "- {ordinal:f} уникальная Foley «{ambience}»\n\n{cost}\n\n— {signature}"
    )


def test_posts_of_one_form_leave_it_to_their_series_and_others_have_their_own() -> None:
    own = {name: parsed(name).post for name in TEXTS}
    assert {name: (post.header, post.footer) == (FORM.header, FORM.footer) for name, post in texts_of(own)} == {
        "069": True,
        "072": True,
        "hybrid": False,
    }
    assert own["hybrid"].signature == "RTX 5090 / GB202 / 0x2b85"


def texts_of(posts: Mapping[str, object]) -> list[tuple[str, PostForm]]:
    """The header and footer of each, without the line ends that a block has."""
    return [
        (name, PostForm(*(str(getattr(post, part) or "").strip("\n") for part in ("header", "footer"))))
        for name, post in posts.items()
    ]


def test_what_is_not_recognised_is_told_with_its_line() -> None:
    _, remarks = spec_of(recognise(TEXTS["hybrid"]), TEXTS["hybrid"], surroundings(73), LANGUAGE)
    lines = {(remark.line, remark.text.partition(" (")[0].partition(":")[0]) for remark in remarks}
    assert lines >= {
        (1, "no number was recognised"),
        (1, "no title was recognised"),
        (1, "no narration was recognised"),
        (1, "no prompt was recognised"),
        (3, "the film was named alpha_4dgs_hybrid and is now named alpha_d13_episode73"),
        (7, "kept as preformatted text to line 15"),
        (53, "kept as preformatted text to line 55"),
    }
    assert parsed("hybrid").frames == 160


def test_a_narration_that_needs_longer_gets_it_and_that_is_told() -> None:
    _, remarks = spec_of(recognise(TEXTS["069"]), TEXTS["069"], surroundings(69), LANGUAGE)
    assert (7, "at a usual pace the narration needs about 36 s: `seconds: 36`") in [
        (it.line, it.text) for it in remarks
    ]
    assert parsed("069").frames == 36 * 30


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Words of a paragraph.\n\nA heading\n\nMore words.\n", "paragraph heading paragraph"),
        ("A heading\nWords.\nA list:\n- one\n- two\nThe end.\n", "heading paragraph paragraph list paragraph"),
        ("A short last line\n", "paragraph"),
        ("# Marked\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd.\n", "heading table paragraph"),
        ("```\nA line\n\nanother\n```\nAfter it.\n\nEnd.\n", "fenced paragraph paragraph"),
        ("Name Size\nfile ~5 MB\n\nEnd.\n", "preformatted paragraph"),
        ("Intro.\n\npython3 train.py -s data --port 6020 --expname alpha_hybrid_long \\\n  --iterations 5\n\nEnd.\n",
         "paragraph preformatted paragraph"),
        (f"{'word ' * 14}\n{'word ' * 14}\nlast.\n\nEnd.\n", "paragraph paragraph"),
        ("\ufeffBOM.\n\n  1. one\n  2. two\n", "paragraph list"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_text_is_read_as_blocks(text: str, kinds: str) -> None:
    assert " ".join(block.kind.value for block in read_blocks(text)) == kinds


@pytest.mark.parametrize("name", TEXTS)
def test_blocks_are_all_lines_of_a_text_with_their_numbers(name: str) -> None:
    lines = TEXTS[name].splitlines()
    numbered = {
        block.line + index: line for block in read_blocks(TEXTS[name]) for index, line in enumerate(block.lines)
    }
    assert numbered == {number: line.rstrip() for number, line in enumerate(lines, 1) if line.strip()}


def test_bullets_and_headings_become_markdown() -> None:
    text = "A heading\n\n  • one\n  • two\n\n  1. first\n\nCode line one\n  indented\n\nEnd.\n"
    assert [markdown(block) for block in read_blocks(text)] == [
        "## A heading",
        "- one\n- two",
        "1. first",
        "```\nCode line one\n  indented\n```",
        "End.",
    ]


@pytest.mark.parametrize(
    ("line", "number", "rest"),
    [
        ("Episode #72 — About it.", 72, "About it."),
        ("Эпизод 7: О нём.", 7, "О нём."),
        ("Выпуск №12. О нём.", 12, "О нём."),
        ("# Episode 3 - Words", 3, "Words"),
        ("Episodes are many.", None, "Episodes are many."),
    ],
)
def test_numbers_are_recognised(line: str, number: int | None, rest: str) -> None:
    post = recognise(f"{line}\n\nSome words of the author.\n")
    assert (post.number, post.description) == (number, rest)


@pytest.mark.parametrize(
    ("line", "is_cost"),
    [
        ("Расходы открыты.", True),
        ("Прозрачный кост-share.", True),
        ("All costs are shared.", True),
        ("Новый костюм персонажа.", False),
        ("A new costume.", False),
    ],
)
def test_a_line_on_the_cost_is_recognised_before_the_signature(line: str, *, is_cost: bool) -> None:
    post = recognise(f"Episode #1 — A.\n\nOwn words.\n\n{line}\n\n— Me\n")
    assert (post.cost, post.signature) == (line if is_cost else None, "Me")
    assert [block.text for block in post.own] == ["Own words.", *([] if is_cost else [line])]


def test_braces_of_a_form_stay_text() -> None:
    post = recognise("Episode #1 — A {b}.\n\na.mp4 — T\n\nVoice: «Hello there.»\n\nOwn.\n\n— Me {x} / {y}\n")
    form = form_of(post, 1, "a")
    assert form.header == "Episode #{number} — {description}\n\n→ {name}.mp4 — {title}\n\nVoice: «{narration}»"
    assert (form.footer, form.signature) == ("— {signature}", "Me {x} / {y}")
    kept = recognise("Episode #1 — A.\n\nold {1}.mp4 — T\n\nOwn.\n")
    assert [block.text for block in kept.own] == ["old {1}.mp4 — T", "Own."]


def test_a_title_is_no_placeholder_within_another_word() -> None:
    post = recognise("Episode #1 — All about Art.\n\na.mp4 — Art\n\nHeart\n\nVoice: «Start.»\n\nOwn words.\n")
    assert form_of(post, 1, "a").header == (
        "Episode #{number} — {description}\n\n→ {name}.mp4 — {title}\n\n## Heart\n\nVoice: «{narration}»"
    )


@pytest.mark.parametrize(
    ("text", "language"), [("Words only.", "en"), ("Слова.", "ru"), ("Many English words и ещё", "ru"), ("1 2", "en")]
)
def test_the_language_of_a_post_is_that_of_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language
