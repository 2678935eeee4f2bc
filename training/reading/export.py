"""Write a trained network as the files that the program reads: ONNX with 8-bit weights, the tokenizer, and their hashes."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer

from training.reading.network import ReaderNetwork

FILES = ("reader.onnx", "tokenizer.json")


def export(network: ReaderNetwork, tokenizer: Tokenizer, folder: Path) -> None:
    """Write reader.onnx, tokenizer.json and SHA256SUMS into a folder."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # needs onnx, of requirements-train.txt

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "reader.onnx"
        write_onnx(network, whole)
        quantize_dynamic(
            whole, folder / FILES[0], per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"]
        )
    tokenizer.save(str(folder / FILES[1]), pretty=False)
    sums = [f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n" for file in FILES]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")


def write_onnx(network: ReaderNetwork, path: Path) -> None:
    """Write the network in float32."""
    network.eval()
    ids = torch.full((2, 24), 5)
    mask = torch.ones_like(ids)
    mask[1, 20:] = 0
    torch.onnx.export(
        network,
        (ids, mask),
        path,
        input_names=["ids", "mask"],
        output_names=["of_pair", "of_piece"],
        dynamic_shapes={
            "ids": {0: torch.export.Dim("passages"), 1: torch.export.Dim("pieces", min=4, max=512)},
            "mask": {0: torch.export.Dim("passages"), 1: torch.export.Dim("pieces", min=4, max=512)},
        },
        external_data=False,
        dynamo=True,
    )
