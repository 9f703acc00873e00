"""A moving scene, its rig and a film's rows in a small file that a browser plays: docs/viewer-pack.md.

Pure: the same bytes for the same arrays. Does not know where the rows come from or who plays them.
"""
