"""What each stage takes and gives, as data: its inputs, its params, and its outputs with a reader each.

Who writes a backend reads the stage's contract here, or all of them in docs/stages.md. The build holds orders against
it before they are performed, and outputs before they are kept. Knows no backend and no episode.
"""
