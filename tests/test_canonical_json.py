from hypothesis import given
from hypothesis import strategies as st

from episodec.canonical_json import dump, load
from episodec.digest import Canonical

NAMES = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["!bytes", "!tuple", "!", "!!bytes"])
VALUES: st.SearchStrategy[Canonical] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.binary() | NAMES,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(NAMES, inner),
)


def _typed(value: Canonical) -> object:
    """The value with its types, which `==` does not compare."""
    if isinstance(value, dict):
        return {name: _typed(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return (type(value), [_typed(one) for one in value])
    return (type(value), repr(value))


@given(VALUES)
def test_what_is_read_is_what_was_written(value: Canonical) -> None:
    assert _typed(load(dump(value))) == _typed(value)
