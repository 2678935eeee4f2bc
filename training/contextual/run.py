"""A run of training, from checkpoint to checkpoint."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

_LOGGED = 25  # steps between two lines of the log
_DECAY = 0.01  # of weights, not of biases

Batch = TypeVar("Batch")


class RunOptions(Protocol):
    """What every run depends on: how many steps it has, its highest rate, and after how many steps it is reached."""

    @property
    def steps(self) -> int: ...

    @property
    def rate(self) -> float: ...

    @property
    def warm_up(self) -> int: ...


class Run(ABC, Generic[Batch]):
    """Goes on from its last checkpoint, and ends as a run without a stop would."""

    def __init__(
        self, networks: Mapping[str, nn.Module], options: RunOptions, folder: Path, *, faster: Mapping[str, float] | None = None
    ) -> None:
        """Prepare a run whose checkpoint and log lie in `folder`.

        Args: networks: what a checkpoint keeps, and of which the parameters that require a gradient are trained; faster: of some
            of them, the factor of their rate.
        """
        self.networks, self.options, self.folder = networks, options, folder
        self.step = 0
        groups = [
            {
                "params": [p for p in network.parameters() if p.requires_grad and (p.dim() > 1) == is_weights],
                "weight_decay": _DECAY if is_weights else 0.0,
                "factor": (faster or {}).get(name, 1.0),
            }
            for name, network in networks.items()
            for is_weights in (True, False)
        ]
        self.optimiser = torch.optim.AdamW([g for g in groups if g["params"]], lr=options.rate, betas=(0.9, 0.98))
        folder.mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def batch(self, step: int) -> Batch:
        """Return what a step shows. Steps are drawn in their order, those before the last checkpoint, too."""

    @abstractmethod
    def losses_of(self, batch: Batch) -> dict[str, Tensor]:
        """Return the losses of a batch by their names; their sum is made less."""

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: it rises, then falls to a fiftieth."""
        o = self.options
        return o.rate * min((step + 1) / o.warm_up, max(0.02, (o.steps - step) / max(1, o.steps - o.warm_up)))

    def resume(self) -> bool:
        """Take up the last checkpoint, if there is one."""
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, weights_only=True)
        for name, network in self.networks.items():
            network.load_state_dict(state[name])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        return True

    def save(self) -> None:
        """Write a checkpoint in place of the last."""
        state = {name: network.state_dict() for name, network in self.networks.items()}
        torch.save({**state, "optimiser": self.optimiser.state_dict(), "step": self.step}, self.folder / "checkpoint.part")
        (self.folder / "checkpoint.part").replace(self.folder / "checkpoint.pt")

    def run(self, *, measure: Callable[[], dict[str, float]] | None = None, every: int = 200) -> None:
        """Train to the last step."""
        if self.step == self.options.steps:
            return
        self._set_training(True)
        total: dict[str, float] = {}
        began = time.monotonic()
        for step in range(self.options.steps):
            batch = self.batch(step)
            if step < self.step:  # done before the last checkpoint
                continue
            for name, loss in self._learn(batch).items():
                total[name] = total.get(name, 0.0) + float(loss.detach()) / _LOGGED
            if self.step % _LOGGED == 0:
                seconds = round((time.monotonic() - began) / _LOGGED, 2)
                self._log({"step": self.step, **{name: round(loss, 4) for name, loss in total.items()}, "seconds": seconds})
                total, began = {}, time.monotonic()
            if self.step % every == 0 or self.step == self.options.steps:
                self.save()
                if measure:
                    self._set_training(False)
                    self._log({"step": self.step, **measure()})
                    self._set_training(True)
                began = time.monotonic()

    def _learn(self, batch: Batch) -> dict[str, Tensor]:
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(self.step) * group["factor"]
        losses = self.losses_of(batch)
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([p for group in self.optimiser.param_groups for p in group["params"]], 1.0)
        self.optimiser.step()
        self.step += 1
        return losses

    def _set_training(self, training: bool) -> None:
        for network in self.networks.values():
            network.train(training)

    def _log(self, line: dict[str, float]) -> None:
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
