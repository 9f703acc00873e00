"""Gaussian scenes as numbers: the model, its files, the rasterisers. Bytes and arrays in, bytes and arrays out.

It knows no episode, no camera track and no path; who calls it opens the files.
"""

import time

LOADED_AT_NS = time.time_ns()
"""Before this process read any other file of this package; nanoseconds since 1970."""
