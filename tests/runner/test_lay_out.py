"""Orders laid out: what a backend finds, and what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from episodec.digest import digest_bytes
from episodec.engine.cache import Blob
from episodec.engine.executor import AuthorInput, BytesInput, Order, StoredInput
from episodec.errors import CorruptBlob
from episodec.runner.lay_out import brought_here, laid_out
from episodec.runner.perform import LoadedBackends, unheld
from episodec.store.blobs import Blobs
from episodec.store.layout import open_layout
from tests.toys.orders import TOYS, sent


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(open_layout(tmp_path / "store"), verified={})


@pytest.fixture
def order(blobs: Blobs, tmp_path: Path) -> Order:
    """One input of each kind, the author's file elsewhere."""
    (tmp_path / "author.wav").write_bytes(b"author's")
    inputs = {
        "part.txt": (StoredInput("part.txt", blobs.put_bytes(b"stored")), BytesInput("part-0001.txt", b"bytes")),
        "voice.wav": (AuthorInput("voice.wav", Blob(digest_bytes(b"author's"), 8), str(tmp_path / "author.wav")),),
    }
    return replace(sent(tmp_path, "concat").order, inputs=inputs)


def contents(order: Order, blobs: Blobs) -> dict[str, list[bytes]]:
    with laid_out(order, blobs) as here:
        return {role: [path.read_bytes() for path in paths] for role, paths in here.work.inputs.items()}


ALL = {"part.txt": [b"stored", b"bytes"], "voice.wav": [b"author's"]}


def test_inputs_lie_under_their_names_and_outputs_have_a_folder(order: Order, blobs: Blobs) -> None:
    with laid_out(order, blobs, gpus=[3]) as here:
        names = [path.relative_to(here.folder).as_posix() for paths in here.work.inputs.values() for path in paths]
        assert names == ["in/part.txt", "in/part-0001.txt", "in/voice.wav"]
        assert here.work.output() == here.folder / "out/result.txt"
        assert here.work.output().parent.is_dir()
        assert here.work.scratch.is_dir()
        assert here.work.gpus == (3,)
        assert (here.folder / "in/part-0001.txt").stat().st_mode & 0o222 == 0
    assert contents(order, blobs) == ALL
    assert list(Path(blobs.layout.work).iterdir()) == []


def test_a_scratch_folder_stays_when_there_is_something_in_it(order: Order, blobs: Blobs) -> None:
    with laid_out(order, blobs):
        pass
    assert list(Path(blobs.layout.scratch).iterdir()) == []
    with laid_out(order, blobs) as here:
        (here.work.scratch / "step").touch()
    with laid_out(order, blobs) as here:
        assert [path.name for path in here.work.scratch.iterdir()] == ["step"]


def test_a_stored_input_that_is_damaged_is_refused_by_its_digest(order: Order, blobs: Blobs) -> None:
    path = blobs.open_blob(digest_bytes(b"stored"))
    path.chmod(0o644)
    path.write_bytes(b"STORED")
    with pytest.raises(CorruptBlob) as error, laid_out(order, blobs):
        pass
    assert error.value.facts["digest"] == digest_bytes(b"stored")
    assert list(Path(blobs.layout.work).iterdir()) == []


def test_a_stored_input_that_is_damaged_while_it_is_read_is_told_and_the_same_bytes_anew_are_not(
    order: Order, blobs: Blobs
) -> None:
    with laid_out(order, blobs) as here:
        blob = here.work.inputs["part.txt"][0].resolve()
        twin = blob.with_name("twin")
        twin.write_bytes(b"stored")
        twin.replace(blob)
        here.refuse_damaged()
        blob.chmod(0o644)
        blob.write_bytes(b"STORED")
        with pytest.raises(CorruptBlob, match="a stored input was damaged while in use") as error:
            here.refuse_damaged()
    assert error.value.facts["digest"] == digest_bytes(b"stored")


def test_a_backend_that_fails_over_an_input_damaged_meanwhile_is_not_blamed(tmp_path: Path, blobs: Blobs) -> None:
    inputs = {"part.txt": (StoredInput("part.txt", blobs.put_bytes(b"stored")),)}
    order = replace(sent(tmp_path, "fail", params={"how": "spoil"}).order, inputs=inputs)
    with pytest.raises(CorruptBlob, match="a stored input was damaged while in use") as error:
        LoadedBackends().run(TOYS["fail"], order, tmp_path / "log", blobs, unheld)
    assert error.value.facts["digest"] == digest_bytes(b"stored")


def test_another_machine_fetches_by_digest_what_its_store_lacks(order: Order, tmp_path: Path) -> None:
    other, asked = Blobs(open_layout(tmp_path / "other"), verified={}), list[Blob]()

    def fetch(blob: Blob, target: Path) -> None:
        asked.append(blob)
        target.write_bytes({digest_bytes(one): one for one in (b"stored", b"author's")}[blob.digest])

    here = brought_here(order, other, fetch)
    (tmp_path / "author.wav").unlink()  # Nothing of the machine of the build is looked at.
    assert contents(here, other) == ALL
    assert brought_here(order, other, fetch) == here
    assert [blob.digest for blob in asked] == [digest_bytes(b"stored"), digest_bytes(b"author's")]


def test_other_bytes_than_the_order_names_are_refused(order: Order, tmp_path: Path) -> None:
    other = Blobs(open_layout(tmp_path / "other"))
    with pytest.raises(CorruptBlob, match="cannot be fetched") as error:
        brought_here(order, other, lambda _, target: void(target.write_bytes(b"author'S")))
    assert error.value.facts["digest"] == digest_bytes(b"stored")


def void(_: object) -> None:
    """The argument is ignored."""
