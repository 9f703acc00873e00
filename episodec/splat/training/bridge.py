"""The CPU rasteriser, the loss and the planes as functions of torch tensors, differentiated by compiled kernels."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from episodec.splat.rasterise import Colour, Threads
from episodec.splat.scene import Floats, Scene
from episodec.splat.training import loss, planes, raster
from episodec.splat.training.raster import Forward, Gradients
from episodec.splat.view import View

Tensor = torch.Tensor
Watch = Callable[[Forward, Gradients], None]


def rasterise(
    parts: tuple[Tensor, ...], view: View, background: Colour, pool: Threads | None = None, watch: Watch | None = None
) -> tuple[Tensor, Tensor]:
    """The picture (h, w, 3) and its alpha (h, w), for float32 tensors in CPU memory.

    The parts are means (N, 3), quaternions (N, 4), log scales (N, 3), opacity logits (N,) and harmonics (N, K, 3), as
    in `Scene`. `watch` is called with the gradients in each backward pass: `Gradients.screen` is used to densify.

    Raises:
        BackendError: the view is invalid, or a tensor holds NaN or infinity.
    """
    picture, alpha = _Rasterise.apply(*parts, (view, background, pool, watch))  # type: ignore[no-untyped-call]
    return picture, alpha


def _slopes(gradients: Gradients) -> list[Tensor]:
    arrays = (
        gradients.means,
        gradients.quaternions,
        gradients.log_scales,
        gradients.opacity_logits,
        gradients.harmonics,
    )
    return [torch.from_numpy(array) for array in arrays]


class _Rasterise(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, *given: Any) -> tuple[Tensor, Tensor]:
        *parts, (view, background, pool, watch) = given
        means, quaternions, log_scales, logits, harmonics = map(_array, parts)
        done = raster.forward(Scene(means, quaternions, log_scales, logits, harmonics), view, background, pool)
        context.rest = (done, pool, watch)
        return torch.from_numpy(done.picture), torch.from_numpy(done.alpha)

    @staticmethod
    def backward(context: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        done, pool, watch = context.rest
        by_picture, by_alpha = map(_array, slopes)
        gradients = raster.backward(done, by_picture, by_alpha if by_alpha.any() else None, pool)
        if watch is not None:
            watch(done, gradients)
        return (*_slopes(gradients), None)


def picture_loss(picture: Tensor, target: Tensor, weight: float = loss.WEIGHT, pool: Threads | None = None) -> Tensor:
    """`loss.picture_loss` of tensors (h, w, 3): a scalar that torch differentiates by the picture."""
    scalar: Tensor = _PictureLoss.apply(picture, target, weight, pool)  # type: ignore[no-untyped-call]
    return scalar


class _PictureLoss(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, picture: Tensor, target: Tensor, weight: float, pool: Threads | None) -> Tensor:
        loss_value = loss.picture_loss(_array(picture), _array(target), weight, pool)
        context.slope = torch.from_numpy(loss_value.d_picture)
        return picture.new_tensor(loss_value.value)

    @staticmethod
    def backward(context: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        return context.slope * slopes[0], None, None, None


def plane_features(each: list[Tensor], places: Tensor, time: float, pool: Threads | None = None) -> Tensor:
    """`planes.sample` of tensors, differentiable by the planes, but not by the places.

    Raises:
        BackendError: the channels are not a multiple of 8.
    """
    features: Tensor = _PlaneFeatures.apply(places, time, pool, *each)  # type: ignore[no-untyped-call]
    return features


class _PlaneFeatures(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, places: Tensor, time: float, pool: Threads | None, *each: Tensor) -> Tensor:
        given = [_array(plane) for plane in each]
        context.rest = (given, _array(places), time, pool)
        return torch.from_numpy(planes.sample(given, _array(places), time, pool))

    @staticmethod
    def backward(context: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        given, places, time, pool = context.rest
        gradients = planes.sample_back(given, places, time, _array(slopes[0]), pool)
        return None, None, None, *map(torch.from_numpy, gradients)


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().numpy()
    assert array.dtype == np.float32
    return array
