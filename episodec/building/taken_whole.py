"""Whole episodes written to a separate folder: the files that a build would publish, without claiming them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from episodec.engine.action import ActionId
from episodec.engine.cache import Record
from episodec.engine.key import ActionKey
from episodec.errors import PublishError
from episodec.page.index import index_page
from episodec.page.viewer.head import HEAD_BYTES, ViewerHead, newest_of, viewer_head
from episodec.project.loaded import LoadedEpisode
from episodec.publishing.character_pages import VIEWERS
from episodec.publishing.index_page import ENTRIES, PAGE
from episodec.publishing.manifest import MANIFESTS, manifest_bytes
from episodec.series.session import Session
from episodec.wholefile import write_whole


def take_whole(
    session: Session,
    loaded: Sequence[LoadedEpisode],
    records: Mapping[ActionId, Record],
    keys: Mapping[ActionId, ActionKey],
    folder: str,
) -> tuple[str, ...]:
    """Write these episodes' deliverables, their manifests and a page of their entries below `folder`. The films and the
    page, as absolute paths.

    Raises:
        CorruptBlob: a result is damaged and was moved aside.
        PublishError: a file cannot be written.
    """
    blobs, films, entries = session.cache.blobs, list[str](), list[str]()
    viewers = list[tuple[ViewerHead, Path]]()
    for episode in loaded:
        delivery = session.delivery(episode, records, keys)
        for path, blob in sorted(delivery.files.items()):
            place = Path(folder, path)
            _make(place.parent)
            blobs.copy_out(blob.digest, place)
            if path.startswith("video/") and path.endswith(".mp4"):
                films.append(str(place))
            elif path.startswith(f"{ENTRIES}/"):
                entries.append(place.read_text(encoding="utf-8"))
            elif path.startswith(f"{VIEWERS}/") and (head := viewer_head(place.read_bytes()[:HEAD_BYTES])) is not None:
                viewers.append((head, place))
        _write(Path(folder, MANIFESTS, f"{delivery.name}.json"), manifest_bytes(delivery))
    for character, viewer in newest_of(viewers).items():
        if not (place := Path(folder, VIEWERS, f"{character}.html")).exists():
            _write(place, viewer.read_bytes())
    if entries:
        page = Path(folder, PAGE)
        _write(page, index_page(entries))
        films.append(str(page))
    return tuple(films)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        facts = {"folder": folder, "reason": error.strerror or error}
        raise PublishError("a folder cannot be created", facts=facts) from error


def _write(path: Path, content: bytes) -> None:
    _make(path.parent)
    try:
        write_whole(path, content)
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise PublishError("a file cannot be written", facts=facts) from error
