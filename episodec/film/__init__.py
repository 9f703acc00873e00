"""Camera paths, time maps and the frame plan: numbers in, arrays out.

Knows nothing of specs, files, actions and pixels. World: metres, right-handed, +Y up, the character at the origin looks
along +Z. Cameras: OpenGL convention, +X right, +Y up, the view along -Z.
"""
