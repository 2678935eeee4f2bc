"""Write a trained encoder as the files that the program reads: ONNX with 8-bit weights, the tokenizer, and their hashes."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

FILES = ("encoder.onnx", "tokenizer.json")


class _States(nn.Module):
    """The encoder, of which only the last states are wanted."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        states: Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return states


def export(encoder: BertModel, tokenizer: Tokenizer, folder: Path) -> None:
    """Write encoder.onnx, tokenizer.json and SHA256SUMS into a folder."""
    # Both need onnx, of requirements-train.txt.
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.optimizer import optimize_model

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole, fused = Path(scratch) / "whole.onnx", Path(scratch) / "fused.onnx"
        write_onnx(encoder, whole)
        # Steps that follow each other become one: half the time and a third of the memory.
        sizes = encoder.config
        optimize_model(
            str(whole), "bert", num_heads=sizes.num_attention_heads, hidden_size=sizes.hidden_size, opt_level=0
        ).save_model_to_file(str(fused))
        quantize_dynamic(
            fused, folder / FILES[0], per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"]
        )
    _forget_origin(folder / FILES[0])
    tokenizer.save(str(folder / FILES[1]), pretty=False)
    sums = [f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in FILES]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")


def _forget_origin(path: Path) -> None:
    """Take out of a file what the export notes in it of the code and the folders of this machine."""
    import onnx

    model = onnx.load(path)
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.save(model, path)


def write_onnx(encoder: BertModel, path: Path) -> None:
    """Write the encoder in float32."""
    encoder.eval()  # type: ignore[no-untyped-call]
    ids = torch.full((2, 24), 5)
    mask = torch.ones_like(ids)
    mask[1, 20:] = 0
    shape = {0: torch.export.Dim("texts"), 1: torch.export.Dim("pieces", min=4, max=512)}
    torch.onnx.export(
        _States(encoder),
        (ids, mask),
        path,
        input_names=["ids", "mask"],
        output_names=["states"],
        dynamic_shapes={"ids": shape, "mask": shape},
        external_data=False,
        dynamo=True,
    )
