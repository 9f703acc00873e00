"""Portraits of a character: read, framed, compared, kept as candidates."""
