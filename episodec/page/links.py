"""The kind of each deliverable, by its folder and the ending of its name, in the order of lists."""

from collections.abc import Iterable

from episodec.page.labels import Labels

# The first that matches counts: `_voice.wav` comes before the rest of its folder.
_KINDS = (
    ("video", "video/", ".mp4"),
    ("viewer", "viewer/", ".html"),
    ("audio", "static/audio/", ".m4a"),
    ("narration", "static/audio/", "_voice.wav"),
    ("ambience", "static/audio/", "_foley.wav"),
    ("captions", "captions/", ".vtt"),
    ("srt", "captions/", ".srt"),
    ("plan", "plan/", ".json"),
    ("plan_picture", "plan/", ".png"),
    ("poster", "video/", "_poster.jpg"),
    ("sheet", "video/", "_contact.png"),
    ("preview", "video/", "_preview.webp"),
    ("checks", "check/", ".json"),
    ("chart", "check/", ".png"),
    ("scene_film", "scene/", ".mp4"),
    ("turntable", "scene/", "_turntable.webp"),
    ("fidelity", "scene/", "_check.png"),
    ("fidelity_numbers", "scene/", "_check.json"),
    ("training", "scene/", "_training.png"),
    ("post", "post/", ".md"),
    ("manifest", "manifest/", ".json"),
)


def kinds(paths: Iterable[str]) -> list[tuple[str, str]]:
    """These paths with their kinds, in the order above; paths of unknown kind come last."""
    there = list(dict.fromkeys(paths))
    linked = []
    for kind, folder, ending in _KINDS:
        linked += [(kind, path) for path in there if path.startswith(folder) and path.endswith(ending)]
    known = {path for _, path in linked}
    return linked + [("", path) for path in there if path not in known]


def file_words(labels: Labels, kind: str) -> str:
    """A description of files of this kind; empty if the kind is unknown."""
    if not kind:
        return ""
    label: str = labels.captions if kind == "srt" else getattr(labels, kind)
    return label[:1].lower() + label[1:]
