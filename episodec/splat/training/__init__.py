"""Trains scenes from pictures: gradients of the rasteriser and of the loss, the deformation field, the loop.

Knows tensors, views and pictures, and no file, no stage and no tool. The parts that compute gradients:

- `raster`: `forward(scene, view, background, crew) -> Forward` and `backward(forward, d_picture, d_alpha, crew) ->
  Gradients`: the CPU rasteriser and its derivatives, without torch.
- `loss`: `picture_loss(picture, target, weight, crew) -> Loss`: L1 and DSSIM, and their derivatives by the picture.
- `planes`: `sample(planes, places, time, crew)` and `sample_back(…)`: a HexPlane's features and its derivatives.
- `bridge`: all three as functions of torch tensors, `rasterise`, `picture_loss`, `plane_features`.
- `reference`: the rasteriser's slow, readable twin, differentiated by torch in float64.

Invariant: their bytes are the same at any number of threads.
"""
