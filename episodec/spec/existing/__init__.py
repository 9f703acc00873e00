"""Posts that were written before their specs: their recognised parts, and the specs made from them.

`blocks` reads a text, `recognised` finds its parts, `markdown` writes the author's own part, `form` the series' part.
"""
