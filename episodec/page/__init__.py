"""The words in dist/ for people: an episode's post, its entry on the index page, and that page.

Pure: plain values in, text out. Knows no files, stages or specs.
"""
