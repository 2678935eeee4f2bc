"""States with a few large numbers are made fit for 8 bits, and the graph that is written keeps what the network says."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from transformers import BertModel  # noqa: E402

from tests.training.tiny import make_encoder  # noqa: E402
from training.contextual.smoothing import Floats, find_smoothing  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

WIDTH, LARGE = 32, (3, 17)
VECTORS = torch.tensor(np.random.default_rng(2).standard_normal((6, 1, 20, WIDTH)), dtype=torch.float32)


def encoder_with_large_numbers() -> BertModel:
    """An encoder of which two numbers of all states are forty times the others."""
    encoder = make_encoder(3, width=WIDTH)
    with torch.no_grad():
        for module in encoder.modules():
            if isinstance(module, nn.LayerNorm):
                module.weight[list(LARGE)] = 40.0
    return encoder.eval()


def smoothing_of(encoder: BertModel) -> dict[str, Floats]:
    return find_smoothing(encoder, VECTORS, lambda vectors: encoder(inputs_embeds=vectors))


def test_each_layer_has_one_factor_a_number_and_large_numbers_have_large_ones() -> None:
    encoder = encoder_with_large_numbers()
    found = smoothing_of(encoder)
    layers = {name: layer for name, layer in encoder.named_modules() if isinstance(layer, nn.Linear)}
    assert set(found) == set(layers)
    for name, layer in layers.items():
        assert found[name].shape == (layer.in_features,) and found[name].min() > 0
        assert np.log(found[name]).mean() == pytest.approx(0, abs=1e-5)  # no layer as a whole grows or shrinks
    for part in ("query", "key", "value"):
        factors = found[f"encoder.layer.1.attention.self.{part}"]
        assert factors[list(LARGE)].min() > 3 * np.delete(factors, LARGE).max()


def test_nothing_is_kept_on_the_network_that_was_watched() -> None:
    encoder = encoder_with_large_numbers()
    smoothing_of(encoder)
    assert not any(module._forward_pre_hooks for module in encoder.modules())


def test_a_number_that_is_always_nought_does_no_harm() -> None:
    encoder = make_encoder(3, width=WIDTH).eval()
    with torch.no_grad():
        encoder.embeddings.LayerNorm.weight[5] = encoder.embeddings.LayerNorm.bias[5] = 0
    assert all(np.isfinite(factors).all() for factors in smoothing_of(encoder).values())


def test_the_graph_says_what_the_network_does_and_more_truly_when_smoothed() -> None:
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    from training.contextual.graph import Graph, matrices

    encoder = encoder_with_large_numbers()
    weights = {name: values.numpy() for name, values in encoder.state_dict().items() if values.is_floating_point()}
    smoothing = smoothing_of(encoder)
    plain = {name: np.ones_like(factors) for name, factors in smoothing.items()}
    errors = []
    for divisors in (smoothing, plain):
        graph = Graph(weights, divisors, heads=encoder.config.num_attention_heads, epsilon=encoder.config.layer_norm_eps)
        model = graph.model({"states": graph.encoder()}, [("texts", "pieces", WIDTH)], width=WIDTH)
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        with torch.inference_mode():
            wanted = [encoder(inputs_embeds=vectors).last_hidden_state.numpy() for vectors in VECTORS]
        found = [session.run(None, {"vectors": vectors.numpy()})[0] for vectors in VECTORS]
        others = np.delete(np.arange(WIDTH), LARGE)
        errors.append(float(np.mean([np.abs(a - b)[..., others].mean() for a, b in zip(found, wanted, strict=True)])))
        read_back = matrices(model.graph)
        for name, factors in divisors.items():
            rows = weights[f"{name}.weight"] * factors  # shape (out, in), of which each output has 128 steps
            step = np.abs(rows).max(1, keepdims=True) / 64 / factors
            assert (np.abs(read_back[f"{name}.weight"] - weights[f"{name}.weight"]) <= 0.51 * step).all(), name
        levels = [constant for constant in model.graph.initializer if constant.name.endswith(".levels")]
        assert len(levels) == len(smoothing)
        assert all(np.abs(np.frombuffer(constant.raw_data, np.int8)).max() <= 64 for constant in levels)
    assert errors[0] < 0.85 * errors[1], errors
