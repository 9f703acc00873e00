"""What dist/ tells people in words: the post that goes with an episode, its entry on the index page, and that page.

Pure: plain values in, text out. Knows no files, no stages and no specs.
"""
