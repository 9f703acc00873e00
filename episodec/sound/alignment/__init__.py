"""Where the sounds of a reading, whose times are known, lie in a voice that says the same: features and a path between
them. It knows arrays of samples, not texts, files or voices.

Everything is in whole numbers, so that equal sounds give equal times on every machine: no libraries of linear algebra,
no logarithms or sines of a C library, and no floats that add up in an order of somebody's choosing.
"""
