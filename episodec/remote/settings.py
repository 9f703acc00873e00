"""The shared cache that a machine uses, its purpose and the trusted keys: a value, and its choice by settings and
series.yaml.

Trusted keys, the right to write and secrets come from the user's own settings or the environment, never from a
checkout. series.yaml may name a cache to read without credentials, and only one that the user has listed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from episodec.errors import SettingsError
from episodec.remote.key_texts import SECRET, is_public_key

MAIN = "main"  # The namespace of reviewed builds.
URL, TRUST, READ, WRITE, KEY, CREDENTIALS = (
    f"EPISODEC_SHARED_CACHE{one}" for one in ("", "_TRUST", "_READ", "_WRITE", "_KEY", "_CREDENTIALS")
)
"""Variables of continuous integration. Together they replace the setting `shared-cache`."""

NAMESPACE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SCHEMES = ("s3", "gs", "az", "https", "http", "file")


@dataclass(frozen=True, slots=True)
class SharedCacheSettings:
    """A shared cache as this machine uses it. Its secrets are only sent to this URL."""

    url: str
    trust: tuple[str, ...] = ()  # Public keys; records by other signers are not trusted.
    read: tuple[str, ...] = (MAIN,)  # Namespaces, in the order in which they are asked.
    write: str | None = None  # The namespace for results of this machine; None: nothing is written.
    key: str | None = field(default=None, repr=False)  # The secret key that signs them, or its file.
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)  # By obstore's names: `access_key_id`.


@dataclass(frozen=True, slots=True)
class Choice:
    """The shared cache to use, and notices to the user about one that is not used."""

    settings: SharedCacheSettings | None = None
    notice: str | None = None


def chosen_cache(
    own: SharedCacheSettings | None,
    trusted: Mapping[str, tuple[str, ...]],
    named: str | None,
    environment: Mapping[str, str],
) -> Choice:
    """The shared cache to use. `own`: the one of the user's settings; `trusted`: keys by URL that series.yaml may name;
    `named`: the URL in series.yaml.

    Raises:
        SettingsError: the environment variables are wrong.
    """
    from_environment = environment_cache(environment)
    settings = from_environment or own
    if settings is not None:
        return Choice(settings, _other_named(named, settings.url))
    if named is None:
        return Choice()
    if is_ci(environment):
        return Choice(None, f"series.yaml names the shared cache {named}; in CI only {URL} decides, so none is used")
    if named not in trusted:
        way = "list it with a key to trust under `trusted-caches` in your own settings"
        return Choice(None, f"series.yaml names the shared cache {named}, which you do not trust: to read it, {way}")
    return Choice(SharedCacheSettings(named, trusted[named]))


def _other_named(named: str | None, used: str) -> str | None:
    if named is None or named == used:
        return None
    return f"series.yaml names the shared cache {named}; yours is used instead: {used}"


def is_ci(environment: Mapping[str, str]) -> bool:
    """Whether this is a build in continuous integration, whose checkout may be a stranger's."""
    return environment.get("CI", "").lower() not in ("", "0", "false", "no")


def environment_cache(environment: Mapping[str, str]) -> SharedCacheSettings | None:
    """The shared cache named by environment variables, or None.

    Raises:
        SettingsError: a value is wrong, or the URL is missing while others are set.
    """
    url = environment.get(URL)
    others = [name for name in (TRUST, READ, WRITE, KEY, CREDENTIALS) if environment.get(name)]
    if not url:
        if others:
            raise SettingsError(f"{others[0]} is set without {URL}, which it needs")
        return None
    pairs = [one for one in re.split(r"[\n,]", environment.get(CREDENTIALS, "")) if one.strip()]
    if wrong := [one for one in pairs if "=" not in one]:
        raise SettingsError(f"{CREDENTIALS} takes NAME=VALUE, separated by commas", facts={"pairs": len(wrong)})
    return checked_settings(
        SharedCacheSettings(
            url,
            _listed(environment.get(TRUST)),
            _listed(environment.get(READ)) or (MAIN,),
            environment.get(WRITE) or None,
            environment.get(KEY) or None,
            {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in pairs)},
        )
    )


def checked_settings(settings: SharedCacheSettings) -> SharedCacheSettings:
    """The settings, after checking them.

    Raises:
        SettingsError: the URL, a key or a namespace is wrong, or there is no key to sign with.
    """
    facts = {"url": settings.url}
    if not is_cache_url(settings.url):
        hint = f"one of {', '.join(f'{one}://' for one in SCHEMES)}, without a name and password"
        raise SettingsError("this is not the URL of a shared cache", facts=facts, hint=hint)
    for key in settings.trust:
        if not is_public_key(key):
            text = "a secret key" if key.startswith(SECRET) else key
            hint = "`episodec cache keygen` prints it"
            raise SettingsError("this is not a public key", facts={**facts, "trusted": text}, hint=hint)
    for name in (*settings.read, *([settings.write] if settings.write else [])):
        if not NAMESPACE.fullmatch(name):
            hint = "lower-case letters, digits, dot, hyphen and underscore"
            raise SettingsError("this is not a namespace", facts={**facts, "given": name}, hint=hint)
    if settings.write and not settings.key:
        hint = "make one with `episodec cache keygen FILE`, and name the file as `key`"
        raise SettingsError("writing to a shared cache needs a key to sign with", facts=facts, hint=hint)
    return settings


def is_cache_url(text: str) -> bool:
    """Whether this may be the URL of a shared cache: a known scheme and a place, without credentials."""
    scheme, sign, rest = text.partition("://")
    authority = rest.partition("/")[0]
    return bool(sign) and scheme in SCHEMES and bool(rest.strip("/")) and "@" not in authority and text.isprintable()


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(one for one in re.split(r"[\s,]+", text or "") if one)
