"""A branch of a stranger: it names another cache, adds keys, links the cache or locks a digest. No request reaches the
host that it names, and nothing of it is believed.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from episodec.errors import ProjectError
from tests.builds.studio import Studio
from tests.remote.machines import Key, Laboratory, key
from tests.remote.servers import FaultyServer, serving


class Attack:
    """A studio whose checkout is the stranger's, a cache of the stranger's with poisoned results, and one that is
    trusted and empty.
    """

    def __init__(self, root: Path, good: FaultyServer, evil: FaultyServer, strange: Key) -> None:
        self.laboratory = Laboratory(root / "victim", good.url)
        self.good, self.evil, self.strange = good, evil, strange
        self.victim = self.laboratory.machine("home")
        git(self.victim.root, "init", "-q")
        self.victim.write(".gitignore", "cache/\ndist/\n")

    def series(self, line: str) -> None:
        file = self.victim.root / "episodes/series.yaml"
        file.write_text(f"{file.read_text()}{line}\n")

    def commit(self) -> None:
        git(self.victim.root, "add", "-A", "-f")
        git(self.victim.root, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "x")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """A cache with results of other code, under the same names, signed by a stranger."""
    root = tmp_path_factory.mktemp("poisoned")
    laboratory = Laboratory(root)
    liar = laboratory.machine("liar", write="main", signs=key(root, "strange"), trust=[])
    assert liar.build().exit_code == 0
    for path in laboratory.objects("cas"):
        path.write_bytes(b"poison")
    return laboratory


@pytest.fixture
def attack(tmp_path: Path, poisoned: Laboratory) -> Iterator[Attack]:
    (tmp_path / "victim").mkdir()
    (tmp_path / "empty").mkdir()
    with serving(tmp_path / "empty") as good, serving(poisoned.root / "remote") as evil:
        strange = key(tmp_path, "another")
        yield Attack(tmp_path, good, evil, strange)


def another_remote(attack: Attack) -> None:
    attack.series(f"shared_cache: {attack.evil.url}")


def another_remote_and_key(attack: Attack) -> None:
    attack.series(f"shared_cache: {attack.evil.url}")
    settings = f"episodec: 1\nshared_cache: {{url: '{attack.evil.url}', trust: ['{attack.strange.public}']}}\n"
    attack.victim.write("episodec.local.yaml", settings)


def listed_key(attack: Attack) -> None:
    attack.series(f"shared_cache: {attack.evil.url}")
    settings = f"episodec: 1\ntrusted_caches: {{'{attack.evil.url}': ['{attack.strange.public}']}}\n"
    attack.victim.write("episodec.local.yaml", settings)


def linked_cache(attack: Attack) -> None:
    attack.series(f"shared_cache: {attack.evil.url}")
    (attack.laboratory.root / "elsewhere").mkdir()
    (attack.victim.root / "cache").symlink_to(attack.laboratory.root / "elsewhere")


def locked_digest(attack: Attack) -> None:
    attack.series(f"shared_cache: {attack.evil.url}")
    digest = min(path.name for path in (attack.evil.folder / "cas").iterdir())
    line = f"{{action: d13-001/voice, for: sha256:{'0' * 64}, by: say, out: {{voice.wav: [sha256:{digest}, 6]}}}}"
    attack.victim.write("episodes/takes/001.takes.yaml", f"episodec-takes: 1\ntakes:\n- {line}\n")


ATTACKS = [another_remote, another_remote_and_key, listed_key, linked_cache, locked_digest]


@pytest.mark.parametrize("change", ATTACKS)
@pytest.mark.parametrize("ci", [False, True])
def test_no_request_reaches_a_host_that_a_branch_names(
    attack: Attack, change: Callable[[Attack], None], *, ci: bool
) -> None:
    change(attack)
    attack.commit()
    if ci:
        attack.victim.environment = {**attack.victim.environment, "CI": "true"}
    with_its_own_end(attack.victim)
    assert attack.evil.requests == []
    assert not any(b"poison" in content for content in attack.victim.dist().values())


@pytest.mark.parametrize("change", ATTACKS)
def test_nor_where_the_user_has_no_cache_of_their_own(attack: Attack, change: Callable[[Attack], None]) -> None:
    Path(attack.victim.environment["XDG_CONFIG_HOME"], "episodec/local.yaml").unlink()
    change(attack)
    attack.commit()
    with_its_own_end(attack.victim)
    assert attack.evil.requests == attack.good.requests == []
    assert not any(b"poison" in content for content in attack.victim.dist().values())


def with_its_own_end(studio: Studio) -> None:
    """Build; a project that came with its own settings or cache is refused."""
    with suppress(ProjectError):
        studio.build()


def test_a_branch_that_names_another_cache_is_told_what_is_used(attack: Attack) -> None:
    another_remote(attack)
    attack.commit()
    assert attack.victim.build().exit_code == 0
    (notice,) = attack.victim.notices
    assert attack.evil.url in notice
    assert attack.good.url in notice
    assert attack.good.requests != []


def test_secrets_are_not_sent_to_a_cache_that_series_yaml_names(attack: Attack) -> None:
    attack.laboratory.credentials = {"authorization": "Bearer secret"}
    attack.laboratory.settings("home")
    another_remote(attack)
    attack.commit()
    attack.victim.build()
    assert attack.evil.requests == []
    assert {seen.get("authorization") for seen in attack.good.headers_seen} == {"Bearer secret"}


def test_a_listed_cache_is_read_without_credentials_and_never_written(attack: Attack, tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    good = Laboratory(tmp_path / "good")
    assert good.machine("writer", write="main").build().exit_code == 0
    with serving(good.root / "remote") as server:
        file = Path(attack.victim.environment["XDG_CONFIG_HOME"], "episodec/local.yaml")
        file.write_text(f"episodec: 1\ntrusted_caches: {{'{server.url}': ['{good.key.public}']}}\n")
        attack.series(f"shared_cache: {server.url}")
        attack.commit()
        assert attack.victim.build().exit_code == 0
        assert attack.victim.ran() == set()
        assert not [one for one in server.requests if one.startswith("PUT")]
        assert not [seen for seen in server.headers_seen if "authorization" in {name.lower() for name in seen}]


def test_two_contents_of_one_xxh3_never_swap(tmp_path: Path) -> None:
    """A signed record whose content has the xxh3 of a local one, and another sha256, is not taken."""
    from episodec.digest import digest_bytes
    from episodec.engine.cache import Blob
    from episodec.remote.layout import place_of
    from episodec.remote.settings import SharedCacheSettings
    from episodec.remote.shared_cache import SharedCache
    from episodec.remote.wire import sha256_of
    from episodec.store.cache import open_cache
    from episodec.store.layout import open_layout

    (tmp_path / "remote").mkdir()
    cache = open_cache(open_layout(tmp_path / "cache"))
    shared = SharedCache(SharedCacheSettings(f"file://{tmp_path}/remote"), cache, str(tmp_path), lambda _: None)
    here = cache.put_bytes(b"content")
    assert shared.fits(Blob(here.digest, here.size, place_of("main", sha256_of(b"content"))))
    assert not shared.fits(Blob(here.digest, here.size, place_of("main", sha256_of(b"another"))))
    assert shared.fits(Blob(digest_bytes(b"far"), 3, place_of("main", sha256_of(b"far"))))
    cache.index.close()
