"""Which shared cache is used, and whom a machine trusts: settings decide, never a checkout."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from episodec.errors import SettingsError
from episodec.project.settings import read_settings
from episodec.remote.settings import (
    CREDENTIALS,
    KEY,
    READ,
    TRUST,
    URL,
    WRITE,
    SharedCacheSettings,
    chosen_cache,
    environment_cache,
    is_cache_url,
)
from episodec.remote.signing import new_key, read_secret, signer, verifies, write_secret

ONE, OTHER = "ed25519:" + "a1" * 32, "ed25519:" + "b2" * 32
OWN = SharedCacheSettings("s3://own/cache", (ONE,), write="main", key="x", credentials={"secret_access_key": "s"})


def test_settings_of_the_user_win_over_series_yaml_and_say_so() -> None:
    choice = chosen_cache(OWN, {}, "https://evil.example", {})
    assert choice.settings is OWN
    assert choice.notice is not None
    assert "https://evil.example" in choice.notice
    assert chosen_cache(OWN, {}, OWN.url, {}).notice is None
    assert chosen_cache(OWN, {}, None, {}).notice is None


def test_series_yaml_names_a_cache_only_to_read_one_that_the_user_lists() -> None:
    listed = {"https://cache.example": (ONE,)}
    choice = chosen_cache(None, listed, "https://cache.example", {})
    assert choice.settings == SharedCacheSettings("https://cache.example", (ONE,))
    assert choice.settings is not None
    assert choice.settings.write is None
    assert choice.settings.credentials == {}
    refused = chosen_cache(None, listed, "https://evil.example", {})
    assert refused.settings is None
    assert refused.notice is not None
    assert "trusted" in refused.notice


@pytest.mark.parametrize("ci", ["true", "1", "yes"])
def test_in_ci_a_checkout_names_no_cache(ci: str) -> None:
    choice = chosen_cache(None, {"https://cache.example": (ONE,)}, "https://cache.example", {"CI": ci})
    assert choice.settings is None
    assert choice.notice is not None


def test_variables_replace_the_settings_as_a_whole() -> None:
    environment = {URL: "https://ci.example/c", TRUST: f"{ONE} {OTHER}", READ: "main,pr-7"}
    choice = chosen_cache(OWN, {}, None, environment)
    assert choice.settings == SharedCacheSettings("https://ci.example/c", (ONE, OTHER), ("main", "pr-7"))
    secret = environment_cache({**environment, CREDENTIALS: "authorization=Bearer a=b,x=y", WRITE: "pr-7", KEY: "k"})
    assert secret is not None
    assert secret.credentials == {"authorization": "Bearer a=b", "x": "y"}
    assert "Bearer" not in repr(secret)


@pytest.mark.parametrize(
    "environment",
    [
        {TRUST: ONE},
        {CREDENTIALS: "a=b"},
        {URL: "ftp://x/y"},
        {URL: "https://name:word@host/x"},
        {URL: "https://"},
        {URL: "https://x/y", TRUST: "abc"},
        {URL: "https://x/y", WRITE: "main"},
        {URL: "https://x/y", READ: "../main"},
        {URL: "https://x/y", CREDENTIALS: "word"},
    ],
)
def test_variables_that_do_not_fit_are_refused(environment: Mapping[str, str]) -> None:
    with pytest.raises(SettingsError):
        environment_cache(environment)


def test_a_secret_key_given_as_a_trusted_one_is_not_shown() -> None:
    _, secret = new_key()
    with pytest.raises(SettingsError) as refusal:
        environment_cache({URL: "https://x/y", TRUST: secret})
    assert secret not in str(refusal.value)


def test_urls_with_credentials_in_them_are_none() -> None:
    assert is_cache_url("s3://bucket/a path@b")
    assert not is_cache_url("s3://key@bucket/path")
    assert not is_cache_url("/a/folder")


# Files.


def settings_in(root: Path, user: str, own: str = "") -> tuple[object, list[str]]:
    environment = {"XDG_CONFIG_HOME": str(root / "config"), "EPISODEC_ACCEPT_SETTINGS": "1"}
    (root / "config/episodec").mkdir(parents=True)
    (root / "config/episodec/local.yaml").write_text(user)
    if own:
        (root / "episodec.local.yaml").write_text(own)
    settings, problems, _ = read_settings(str(root), environment)
    return settings.shared_cache, [one.message for one in problems]


SECTION = f"episodec: 1\nshared_cache: {{url: 'https://x/y', trust: ['{ONE}']}}\n"


def test_the_users_own_file_names_a_cache(tmp_path: Path) -> None:
    assert settings_in(tmp_path, SECTION) == (SharedCacheSettings("https://x/y", (ONE,)), [])


@pytest.mark.parametrize("own", [SECTION, "episodec: 1\ntrusted_caches: {}\n"])
def test_a_file_in_the_checkout_names_none(tmp_path: Path, own: str) -> None:
    cache, problems = settings_in(tmp_path, "episodec: 1\n", own)
    assert cache is None
    assert "outside of all checkouts" in problems[0]


def test_settings_that_do_not_fit_together_are_diagnosed(tmp_path: Path) -> None:
    cache, problems = settings_in(tmp_path, "episodec: 1\nshared_cache: {url: 'https://x/y', write: main}\n")
    assert cache is None
    assert "needs a key to sign with" in problems[0]


# Keys.


def test_a_key_signs_what_its_public_half_verifies(tmp_path: Path) -> None:
    public, secret = new_key()
    write_secret(tmp_path / "a/key", secret)
    assert (tmp_path / "a/key").stat().st_mode & 0o777 == 0o600
    assert signer(read_secret(str(tmp_path / "a/key")))[0] == public
    signature = signer(secret)[1](b"message")
    assert verifies(public, signature, b"message")
    assert not verifies(public, signature, b"another")
    assert not verifies(ONE, signature, b"message")
    assert not verifies("ed25519:xyz", signature, b"message")
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "a/key", secret)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    write_secret(file, new_key()[1])
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="other users"):
        read_secret(str(file))
    with pytest.raises(SettingsError, match="cannot be read"):
        read_secret(os.fspath(tmp_path / "none"))
    with pytest.raises(SettingsError, match="not a secret key"):
        signer("ed25519-secret:abc")
