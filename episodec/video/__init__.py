"""What is seen, as video files: encoded, joined, measured, held against what was promised."""
