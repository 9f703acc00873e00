"""Alpha as a drawing: a body, its hair and its suit, the light on them, and a camera. Knows nothing of episodec.

Units: decimetres; +x is the character's left (the picture's right), +y up, +z to the viewer. Colours are linear until
`film.tone`. Everything is computed from upper_body.npz, masks.png and the numbers in these files.
"""
