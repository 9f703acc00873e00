"""A cache that machines share: records that are signed and contents named by sha256, on a server or in a folder.

Nothing here is imported before the first result is missing on this machine.
"""
