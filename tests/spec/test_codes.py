"""The register of codes."""

from episodec.spec import codes
from episodec.spec.code import DiagnosticCode


def test_no_code_and_no_name_stands_for_two_things() -> None:
    families = [value for value in vars(codes).values() if isinstance(value, tuple) and value]
    listed = [one for family in families for one in family if isinstance(one, DiagnosticCode)]
    assert len(listed) >= len(codes.CODES)
    assert len({one.code for one in listed}) == len(set(listed))
    assert len({one.name for one in codes.CODES.values()}) == len(codes.CODES)
