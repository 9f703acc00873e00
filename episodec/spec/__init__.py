"""The language: YAML text to typed episodes, with located diagnostics.

Pure: text in, values out; it opens no file.
"""
