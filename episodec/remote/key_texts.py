"""How ed25519 keys are written. Knows no cryptography, so settings can be read without its package."""

PUBLIC, SECRET = "ed25519:", "ed25519-secret:"
_DIGITS = frozenset("0123456789abcdef")


def is_public_key(text: str) -> bool:
    """Whether this is a public key as `signing.new_key` writes it."""
    return text.startswith(PUBLIC) and is_digits(text.removeprefix(PUBLIC))


def is_digits(text: str) -> bool:
    """Whether this is a key of 32 bytes in hexadecimal digits."""
    return len(text) == 64 and _DIGITS.issuperset(text)
