"""Files that git stores as pointers of Git LFS, taken from the working tree if it has the very file."""

import os
import re
import shutil
from hashlib import sha256

from episodec.pointers import LONGEST, stand_in
from episodec.project.references import leads_out
from episodec.project.written_out import WrittenOut

_NAMED = re.compile(rb"^oid sha256:([0-9a-f]{64})\nsize (\d{1,15})$", re.MULTILINE)


def put_fetched(written: WrittenOut, root: str) -> None:
    """Replace pointers by their files in an extracted tree. `root`: the working tree's."""
    for path in written.objects:
        full, here = os.path.join(written.place.root, path), os.path.join(root, path)
        if leads_out(full, written.place.root):  # Through a link in a hostile tree, which has a file at its end.
            continue
        if os.path.isfile(full) and os.path.getsize(full) < LONGEST and stand_in(full) is not None:
            with open(full, "rb") as file:
                named = _NAMED.search(file.read(LONGEST))
            if named is not None and not leads_out(here, root) and _is(here, named[1].decode(), int(named[2])):
                shutil.copyfile(here, full)


def _is(path: str, digest: str, size: int) -> bool:
    """Whether a file is the one that a pointer names."""
    if not os.path.isfile(path) or os.path.getsize(path) != size:
        return False
    digest_so_far = sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest_so_far.update(piece)
    return digest_so_far.hexdigest() == digest
