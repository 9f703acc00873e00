"""The movement of a face in a film: for every frame, the weights of ARKit's shapes, the turn of the head and the
breath.

    track = perform(words, marks, cameras, clock, settings)   # `performance.perform`: from the narration
    track = played(read_capture(name, text, rate), clock)     # `performance.playing`: from a capture
    unpack(pack(track.part(0, 30)))                           # `performance.track`: a chunk's rows as bytes

Pure: it knows no files, no heads, no films and no Gaussians. A track is computed only with `+ - * /`, square roots and
comparisons, in a fixed order, so it is the same on every machine.

Invariant: the row of a frame depends on its number, the seed, that frame's camera and the words within 0.6 s of it (and
on the last mark before it, for an expression). Nothing is measured over the whole narration.
"""
