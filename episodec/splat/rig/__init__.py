"""A scene that performs: a fitted head moves its Gaussians by ARKit's shapes, and parts behind them appear.

    rig = build_rig(scene, front, fitted)                    # `build`: from the scene's own picture from in front
    decode_rig(encode_rig(rig))                              # `rig_file`: mouth.rig
    still = posed(scene, rig, row, time=0.5, period=0)       # `pose`: what the rasteriser draws of a frame

A row at rest gives what `scene.at` gives, bit for bit and at its cost. It knows no file and no performance: a row is
weights by ARKit's names, three angles and a breath.
"""
