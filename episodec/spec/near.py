"""Did you mean: the name nearest to a misspelt one."""

from collections.abc import Iterable


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The most similar of the allowed names, if any is similar enough."""
    from difflib import get_close_matches  # Only a mistake pays for it.

    by_folded = {one.casefold(): one for one in allowed}
    matches = get_close_matches(name.casefold()[:100], by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, allowed: Iterable[str]) -> str | None:
    """The hint for a misspelt name: the nearest one, else all of them when they are few."""
    names = list(allowed)
    if near := nearest(name, names):
        return f"did you mean `{near}`?"
    return f"one of {in_words(names)}" if 0 < len(names) <= 12 else None


def in_words(names: Iterable[object], last: str = "or", quote: str = "`") -> str:
    """A list as in a sentence: `a`, `b` or `c`."""
    quoted = [f"{quote}{name}{quote}" for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
