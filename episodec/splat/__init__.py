"""Gaussian scenes as numbers: the model, its files, the rasterisers. Bytes and arrays in, bytes and arrays out.

Knows no episode, no camera track and no path; callers open the files.
"""
