"""A head mesh fitted to the landmarks of a portrait: for portraits, scenes, rigs, checks, identity and lip-sync.

    head = the_head()                               # `faces.heads`, `face.head`: quads, parts, 52 ARKit shapes
    vertices = pose(head, {"jawOpen": 0.5})         # `face.head`: (V, 3), decimetres
    seen = z_buffer(places, nearness, triangles, height, width)    # `face.raster`: which triangle a pixel shows
    view = plain_view(head, vertices, (720, 640))   # `face.plain_view`: a simple picture of it
    (marks,) = read_landmarks([rgb])                # `faces.landmarks`: 468 points, or None
    marks = marks_of(order, rgba)                   # `faces.heads`: those of an order's portrait, or its author's
    fitted = fitted_head(rgba, marks)               # `faces.heads`, `face.fit`: places and depth in pixels, or None
    places, depth = fitted.posed({"eyeBlinkLeft": 1.0})    # as a picture shows it; `fitted.moves(name)` for one shape
    boxes = tight_boxes(marks.points)               # `face.boxes`: face, eyes, mouth

Left and right are the person's own, as in ARKit. Pixel coordinates are from the left and the top; the centre of the
first pixel is (0.5, 0.5). Portraits are composited on white first. Results are bit for bit the same on every machine:
sums are in a fixed order, and no external solver is used.

Knows no file, no picture format and no Gaussian: the callers in `faces`, a floor above, open the files.
"""
