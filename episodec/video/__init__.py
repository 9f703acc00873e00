"""Video files: encoded, joined, measured, and checked against what was promised."""
