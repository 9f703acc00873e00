"""Machines that share a cache: studios with settings of their own, and the servers between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from episodec.remote.signing import new_key, write_secret
from tests.builds.studio import Studio


@dataclass
class Key:
    """A writer's key."""

    public: str
    file: Path


def key(folder: Path, name: str = "ci") -> Key:
    public, secret = new_key()
    write_secret(folder / f"{name}.key", secret)
    return Key(public, folder / f"{name}.key")


@dataclass
class Laboratory:
    """Machines below one folder, and one trusted key."""

    root: Path
    url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = key(self.root)
        if not self.url:
            (self.root / "remote").mkdir()
            self.url = f"file://{self.root}/remote"

    def machine(  # noqa: PLR0913 - settings of a machine, each with a default.
        self,
        name: str,
        *,
        write: str | None = None,
        signs: Key | None = None,
        trust: Iterable[str] | None = None,
        read: tuple[str, ...] = ("main",),
        url: str | None = None,
        episodes: int = 2,
    ) -> Studio:
        """A studio of its own; without `write` it only reads."""
        studio = Studio(self.root / name, environment=self.environment(name))
        studio.start(episodes)
        self.settings(name, write=write, signs=signs, trust=trust, read=read, url=url)
        return studio

    def environment(self, name: str) -> dict[str, str]:
        home = str(self.root / f"{name}-home")
        return {"HOME": home, "XDG_CONFIG_HOME": f"{home}/config", "EPISODEC_ACCEPT_SETTINGS": "1"}

    def settings(
        self,
        name: str,
        *,
        write: str | None = None,
        signs: Key | None = None,
        trust: Iterable[str] | None = None,
        read: tuple[str, ...] = ("main",),
        url: str | None = None,
    ) -> None:
        """Write a machine's own settings."""
        lines = [
            "episodec: 1",
            "shared_cache:",
            f"  url: {url or self.url}",
            f"  trust: [{', '.join([self.key.public] if trust is None else trust)}]",
            f"  read: [{', '.join(read)}]",
        ]
        if write:
            lines += [f"  write: {write}", f"  key: {(signs or self.key).file}"]
        if self.credentials:
            lines += ["  credentials:", *(f"    {name}: {value!r}" for name, value in self.credentials.items())]
        file = Path(self.environment(name)["XDG_CONFIG_HOME"], "episodec", "local.yaml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def objects(self, prefix: str = "") -> list[Path]:
        """The objects of a shared cache that is a folder."""
        return sorted(path for path in (self.root / "remote" / prefix).rglob("*") if path.is_file())
