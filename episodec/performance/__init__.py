"""How a face moves in a film: of every frame the weights of ARKit's shapes, the turn of the head and the breath.

    track = perform(words, marks, cameras, clock, settings)   # `performance.perform`: from what is said
    track = played(read_capture(name, text, rate), clock)     # `performance.playing`: from somebody's own capture
    unpack(pack(track.part(0, 30)))                           # `performance.track`: a chunk's rows as bytes

Pure: it knows no files, no heads, no films and no Gaussians. Only `+ - * /`, square roots and comparisons make a track,
in a fixed order, so that it is the same on every machine.

Invariant: the row of a frame follows from its number, the seed, the camera of that frame and the words within 0.6 s of
it (and from the last mark for an expression before it). Nothing is measured over a narration.
"""
