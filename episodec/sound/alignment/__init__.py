"""Aligns a reading whose sounds have known times with a voice that says the same: features and a path between them.
Knows arrays of samples, not texts, files or voices.

All arithmetic is on integers, so equal sounds give equal times on every machine: no linear algebra libraries, no
logarithms or sines of a C library, and no floats summed in an unspecified order.
"""
