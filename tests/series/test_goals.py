"""Names of actions as people write them."""

import pytest

from episodec.series.goals import goes_on


@pytest.mark.parametrize(
    ("name", "asked", "does"),
    [
        ("d13-072/voice/0003", "d13-072/voice/0003", True),
        ("d13-072/voice/0003", "d13-72/voice/3", True),
        ("d13-072/voice/0003", "d13-072/voice", True),
        ("d13-072/voice/0013", "d13-072/voice/3", False),
        ("d13-072/voice-over", "d13-072/voice", False),
        ("render/0300-0330", "render/300-330", True),
        ("render/0000-0030", "render/0-30", True),
        ("d13-072/voice", "d13-072/voice/1", False),
    ],
)
def test_a_name_goes_on_from_what_was_asked(name: str, asked: str, does: object) -> None:
    assert goes_on(name, asked) is does
