"""Posts that were written before their specs: what is recognised in them, and the specs made of it.

`blocks` reads a text, `recognised` finds its parts, `markdown` writes the author's own part, `form` the series' part.
"""
