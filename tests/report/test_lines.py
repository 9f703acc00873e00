"""Lines about events of a build."""

from episodec.engine.events import PreviewWritten, SoundWritten
from episodec.report.lines import Narrator


def test_a_file_that_can_be_played_before_the_build_ends_is_ready() -> None:
    (sound,) = Narrator().lines(SoundWritten("a", "cache/listen/a_mix.wav"))
    assert sound.split() == ["ready", "cache/listen/a_mix.wav", "voice", "and", "ambience"]
    (film,) = Narrator().lines(PreviewWritten("a", "dist/_preview/a.mp4", is_ahead=True))
    assert film.split() == ["ready", "dist/_preview/a.mp4", "the", "first", "new", "frames"]
