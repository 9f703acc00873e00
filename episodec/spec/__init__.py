"""The language: YAML text to typed episodes, with diagnostics at their place.

Pure: text in, values out; it opens no file.
"""
