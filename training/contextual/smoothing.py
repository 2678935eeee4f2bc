"""What makes the states of a network fit for 8 bits: some numbers of them are far larger than all others.

States are rounded to 8 bits as they come, with one factor for all of a text, so that a few large numbers leave little room for
the rest. So each number is divided by a factor of its own before it is rounded, and its row of the matrix, which has 8 bits
too, is multiplied by it (SmoothQuant, Xiao et al. 2023). The product stays the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Floats = NDArray[np.float32]

# How much of the difference between a number and the others goes over to the matrix: 0 for none, 1 for all. Of 0.5 to 0.9 this
# leaves both networks nearest to themselves in 32 bits.
_SHARE = 0.7
_LEAST = 1e-5  # of what counts as large


def find_smoothing(network: nn.Module, inputs: Iterable[Tensor], read: Callable[[Tensor], object]) -> dict[str, Floats]:
    """Return what the numbers of the states before each linear layer that is run are divided by, by its name, shapes (in,).

    Args: inputs: texts such as the network will read, as vectors of pieces; read: runs the network on one of them.
    """
    layers = {name: layer for name, layer in network.named_modules() if isinstance(layer, nn.Linear)}
    largest: dict[str, Floats] = {}

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def note(_: nn.Module, given: tuple[Tensor, ...]) -> None:
            found = given[0].abs().flatten(0, -2).amax(0).numpy()
            largest[name] = np.maximum(largest.get(name, found), found)

        return note

    hooks = [layer.register_forward_pre_hook(watch(name)) for name, layer in layers.items()]
    with torch.inference_mode():
        for vectors in inputs:
            read(vectors)
    for hook in hooks:
        hook.remove()
    return {name: _smoothing(layers[name].weight.detach().numpy(), found) for name, found in largest.items()}


def _smoothing(matrix: Floats, largest: Floats) -> Floats:
    """Return the factors of one layer. Args: matrix: shape (out, in); largest: of each number that it is given, shape (in,)."""
    of_states, of_rows = (np.maximum(found, _LEAST) for found in (largest, np.abs(matrix).max(0)))
    factors = of_states**_SHARE / of_rows ** (1 - _SHARE)
    return np.asarray(factors / np.exp(np.log(factors).mean()), np.float32)
