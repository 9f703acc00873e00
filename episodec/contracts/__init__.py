"""The inputs, params and outputs of each stage as data, with a reader for each output.

Authors of backends read a stage's contract here, or all of them in docs/stages.md. The build checks orders against it
before they run, and outputs before they are stored. Knows no backend and no episode.
"""
