"""The author's tree: finds specs, reads and checks them and the files they name, and passes plain values on.

The only layer that opens an author's files. It does not know what was built before: the store and the judge do.
"""
