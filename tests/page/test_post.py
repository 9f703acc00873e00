"""Posts: what they say of an episode, in its language, and that no text of an author becomes markup."""

from typing import Any

import pytest
from markdown_it import MarkdownIt

from episodec.page.markdown import inline, table
from episodec.page.post import post
from episodec.page.summary import EpisodeSummary, SceneFidelity, SpokenNarration, SpokenSentence

PARAMS: dict[str, Any] = {
    "name": "alpha_d13_episode72",
    "series": "Alpha",
    "season": "d13",
    "number": 72,
    "language": "ru",
    "title": "Один портрет на всё",
    "description": "Первый абзац\nв две строки.\n\nВторой.",
    "tags": ["identity", "alpha-ref"],
    "disclosure": "Синтезировано.",
    "frames": 900,
    "rate": 30,
    "size": [512, 512],
    "loudness": {"target_lufs": -16.0, "true_peak_dbtp": -1.0},
    "speaks": True,
    "prompt": "quiet design studio",
    "camera": [
        {"move": "orbit", "frames": 450, "radius": 2.4, "from_deg": -12.0, "to_deg": 12.0, "turns": 1, "ease": "smooth",
         "fov_y_deg": 35.0},
        {"move": "dolly", "frames": 450, "from_position": [0.0, 0.0, 2.6], "to_position": [0.5, -0.1, 2.0],
         "ease": "linear", "fov_y_deg": 35.0},
    ],
    "time": [{"map": "loop", "frames": 900, "period": 24}],
    "character": {
        "name": "alpha",
        "title": "Alpha",
        "identity": {"outfit": "jumpsuit", "hair": "purple"},
        "licence": "Apache-2.0",
        "portrait": f"xxh3-128:{'ab' * 16}",
        "tokens": f"xxh3-128:{'cd' * 16}",
    },
    "backends": [["voice", "espeak"], ["join", "join"], ["foley", "procedural"], ["mux", "mux"]],
    "post": {},
    "licences": [["fish-speech", "CC-BY-NC-SA-4.0"]],
    "files": ["static/audio/a_voice.wav", "video/a.mp4", "video/a_poster.jpg", "captions/a.vtt", "new/thing.bin"],
}  # fmt: skip

ORBIT = "облёт на расстоянии 2.4 м, от −12° до 12°, полных оборотов: 1, плавно, угол зрения 35°"
DOLLY = "проезд от (0, 0, 2.6) до (0.5, −0.1, 2), угол зрения 35°"

SAID = SpokenNarration((SpokenSentence("Первая фраза.", 0, 96_000), SpokenSentence("Вторая.", 110_000, 1_392_000)), 60)

SCENE = SceneFidelity(24_000, {"train": 38.506, "val": 35.359, "test": 33.626}, 32.7519)
SCENE_FILES = [f"scene/a{end}" for end in ("_training.png", "_turntable.webp", "_check.json", "_check.png", ".mp4")]
TRAINED = {**PARAMS, "files": [*PARAMS["files"], *SCENE_FILES]}


def post_text(**others: Any) -> str:
    return post(EpisodeSummary({**PARAMS, **others}, SAID))


@pytest.mark.parametrize(
    "line",
    [
        "# Один портрет на всё",
        "Alpha · d13 · выпуск 72",
        "Первый абзац в две строки.",
        "[![постер](../video/a_poster.jpg)](../video/a.mp4)",
        "Голос, около 29 с:",
        "> Первая фраза.",
        "| Длительность | 30 с: кадров 900, 30 в секунду |",
        "| Размер кадра | 512 × 512 |",
        "| Громкость | −16 LUFS, истинный пик не выше −1 dBTP |",
        "| Голос | espeak, слов в минуту: 124 |",
        "| Фоновый звук | quiet design studio |",
        f"| Камера | кадры 0–449: {ORBIT}; кадры 450–899: {DOLLY} |",
        "| Время сцены | цикл из 24 отсчётов |",
        "| Персонаж | Alpha |",
        "Сделано с помощью espeak (голос) и procedural (фоновый звук).",
        "- [video/a.mp4](../video/a.mp4): видео",
        "- [new/thing.bin](../new/thing.bin)",
        "Теги: identity, alpha-ref",
        "Синтезировано.",
        "- Alpha: Apache-2.0",
        "- fish-speech: CC-BY-NC-SA-4.0",
    ],
)
def test_a_post_tells(line: str) -> None:
    assert line in post_text().splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "## Сцена",
        "![оборот вокруг сцены](../scene/a_turntable.webp)",
        "| Гауссианы | 24 000 |",
        r"| PSNR, обучение | 38\.5 дБ |",
        r"| PSNR, валидация | 35\.4 дБ |",
        r"| PSNR, тест | 33\.6 дБ |",
        r"| Разница кадров | 32\.8 из 255, за один оборот вокруг сцены |",
        "- [scene/a.mp4](../scene/a.mp4): фильм сцены, один оборот",
        "- [scene/a_turntable.webp](../scene/a_turntable.webp): оборот вокруг сцены",
    ],
)
def test_a_post_tells_of_a_trained_scene(line: str) -> None:
    assert line in post(EpisodeSummary(TRAINED, SAID, SCENE)).splitlines()
    assert line not in post_text().splitlines()


def test_a_split_without_pictures_is_not_told() -> None:
    visible = post(EpisodeSummary({**TRAINED, "language": "en"}, SAID, SceneFidelity(7, {"train": 30.0}, 0.0)))
    assert "| Gaussians | 7 |" in visible
    assert r"| PSNR, train | 30\.0 dB |" in visible
    assert "validation" not in visible
    assert "PSNR, test" not in visible


@pytest.mark.parametrize(
    ("language", "length", "segment"),
    [("ru", r"0\.033 с: 1 кадр, 30 в секунду", "кадр 0: "), ("en", r"0\.033 s: 1 frame at 30 per second", "frame 0: ")],
)
def test_one_frame_is_told_as_one(language: str, length: str, segment: str) -> None:
    assert f"| {length} |" in post_text(language=language, frames=1)
    first, second = PARAMS["camera"]
    assert f"| {segment}" in post_text(language=language, camera=[{**first, "frames": 1}, second])


def test_the_order_of_a_mapping_changes_nothing() -> None:
    turned = {**PARAMS["character"], "identity": {"hair": "purple", "outfit": "jumpsuit"}}
    assert post_text(character=turned) == post_text()


@pytest.mark.parametrize(
    ("language", "word"), [("en-GB", "Facts"), ("ru", "Данные"), ("RU-ru", "Данные"), ("fr", "Facts")]
)
def test_labels_are_in_the_episodes_language_else_english(language: str, word: str) -> None:
    assert f"## {word}" in post_text(language=language)


def test_an_episode_without_voice_and_picture_says_nothing_of_them() -> None:
    quiet = {"size": None, "camera": [], "time": [], "files": ["static/audio/a.m4a"], "backends": [["foley", "file"]]}
    text = post(EpisodeSummary({**PARAMS, **quiet, "prompt": None, "speaks": False}))
    assert "Голос" not in text
    assert "Камера" not in text
    assert ".mp4" not in text
    assert "| Фоновый звук | запись |" in text


HOSTILE = (
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://example.org/x.png)",
    "<https://example.org>",
    "# heading",
    "- item",
    "1. item",
    "12) item",
    "+ item",
    "> quote",
    "---",
    "===",
    "***bold*** _it_ __b__ ~~s~~ `code` $math$",
    "a | b",
    "&lt;b&gt; &copy;",
    "\\<b> \\[x](y)",
    "two\n\n<img src=x>",
    "tab\there\x07bell\u2028line",
    "[ref]: https://example.org",
    "[^1]: note",
    "```",
    "    code",
    "~~~",
    "@user #1",
    "snake_case_name ref_alpha.npy _",
)

JOINER = "\u2060"  # Invisible; it parts what would become a link or a mention.
PLAIN = {"inline", "text", "paragraph_open", "paragraph_close", "softbreak"}


def tokens(markdown: str) -> list[Any]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [inner for one in parser.parse(markdown) for inner in (one, *(one.children or ()))]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_a_paragraph_of_itself(text: str) -> None:
    actual = tokens(inline(text))
    assert {one.type for one in actual} <= PLAIN | {"text_special"}
    visible = "".join(one.content for one in actual if one.type in ("text", "text_special")).replace(JOINER, "")
    assert visible == " ".join("".join(" " if ord(one) < 32 or one == "\u2028" else one for one in text).split())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stands_whole_in_its_cell_of_a_table(text: str) -> None:
    cells = [one for one in tokens(table(("fact", "value"), [(text, text), ("plain", "plain")])) if one.children]
    rows = ["".join(part.content for part in cell.children).replace(JOINER, "") for cell in cells]
    whole = " ".join("".join(" " if ord(one) < 32 or one == "\u2028" else one for one in text).split())
    assert rows == ["fact", "value", whole, whole, "plain", "plain"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_changes_nothing_around_it(text: str) -> None:
    calm = "calm\n\ncalm" if "\n\n" in text else "calm"
    assert kinds(everywhere(text)) == kinds(everywhere(calm))


def everywhere(text: str) -> str:
    """A post of an episode that says nothing but this, wherever an author can say anything."""
    output = dict.fromkeys(("title", "description", "series", "disclosure", "prompt"), text)
    named = {"name": text, "title": text, "identity": {text: text}, "licence": text}
    lists = {"tags": [text], "licences": [[text, text]]}
    return post(
        EpisodeSummary(
            {**PARAMS, **output, **lists, "character": named}, SpokenNarration((SpokenSentence(text, 0, 96_000),), 1)
        )
    )


def kinds(markdown: str) -> list[str]:
    """The structure of a text: every token that is not mere text."""
    return [one.type for one in tokens(markdown) if one.type not in ("text", "text_special", "inline", "softbreak")]


@pytest.mark.parametrize(
    ("text", "inert"),
    [
        ("see http://a.example/x", "see http:|//a.example/x"),
        ("HTTPS://a.example", "HTTPS:|//a.example"),
        ("www.a.example", "www|.a.example"),
        ("@everyone and me@a.example", "@|everyone and me@|a.example"),
        ("user/repo#1, GH-12", "user/repo#|1, GH-|12"),
        ("mailto:a", "mailto:|a"),
        ("the film's 3:2 frame and C# too", "the film's 3:2 frame and C# too"),
    ],
)
def test_text_becomes_neither_a_link_nor_a_mention(text: str, inert: str) -> None:
    assert inline(text) == inert.replace("|", JOINER)
