"""The author's tree: finds specs, reads and checks them and the files they name, and hands plain values on.

The only floor that opens an author's files. It does not know what was built before: that is the store's and the
judge's.
"""
