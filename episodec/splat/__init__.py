"""Gaussian scenes as numbers: the model, its files, the rasterisers. Bytes and arrays in, bytes and arrays out.

It knows no episode, no camera track and no path; who calls it opens the files.
"""
