"""Ed25519 keys: creates and reads them, signs and verifies with them. Knows nothing of records.

A public key is written `ed25519:` and 64 hexadecimal digits, a secret one `ed25519-secret:` and 64 digits, so that
neither passes for the other.
"""

import os
from collections.abc import Callable
from pathlib import Path

from episodec.errors import SettingsError
from episodec.remote.key_texts import PUBLIC, SECRET, is_digits, is_public_key


def new_key() -> tuple[str, str]:
    """A new key: its public and its secret text."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    secret = f"{SECRET}{key.private_bytes_raw().hex()}"
    return f"{PUBLIC}{key.public_key().public_bytes_raw().hex()}", secret


def write_secret(path: Path, secret: str) -> None:
    """Write a secret key to a new file that only its owner can read.

    Raises:
        FileExistsError: the file exists; it may be the only copy of a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as writer:
        writer.write(f"{secret}\n")


def signer(secret: str) -> tuple[str, Callable[[bytes], bytes]]:
    """The public key of a secret one, and the function that signs with it.

    Raises:
        SettingsError: this is not a secret key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    digits = secret.strip().removeprefix(SECRET)
    if not secret.strip().startswith(SECRET) or not is_digits(digits):
        hint = "make one with `episodec cache keygen FILE`"
        raise SettingsError("the key of the shared cache is not a secret key of episodec", hint=hint)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digits))
    return f"{PUBLIC}{key.public_key().public_bytes_raw().hex()}", key.sign


def read_secret(place: str) -> str:
    """The secret key in this file, or `place` itself if it is a key.

    Raises:
        SettingsError: the file cannot be read, or other users can read it.
    """
    if place.startswith(SECRET):
        return place
    path = Path(place).expanduser()
    try:
        if path.stat().st_mode & 0o077:
            hint = f"chmod 600 {path}"
            raise SettingsError("other users can read the key of the shared cache", facts={"file": path}, hint=hint)
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        facts = {"file": path, "reason": error.strerror or error}
        raise SettingsError("the key of the shared cache cannot be read", facts=facts) from error


def verifies(public: str, signature: bytes, message: bytes) -> bool:
    """Whether the owner of this public key signed the message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not is_public_key(public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public.removeprefix(PUBLIC))).verify(signature, message)
    except InvalidSignature:
        return False
    return True
