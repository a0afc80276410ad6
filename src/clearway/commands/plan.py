"""The plan: what an installation will change, as a value (DESIGN 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clearway.model.installed import Installed
from clearway.resolution.problem import Pin

if TYPE_CHECKING:
    from collections.abc import Iterable


class Step(msgspec.Struct, frozen=True):
    """One wheel to install.

    :param replaces: the distribution that it takes the place of, or None.
    """

    pin: Pin
    replaces: Installed | None


class Plan(msgspec.Struct, frozen=True):
    """Everything that an installation changes, and what it leaves as it is."""

    steps: tuple[Step, ...]
    kept: tuple[Pin, ...]


def make_plan(pins: Iterable[Pin]) -> Plan:
    """Return what has to be done so that exactly these pins are installed."""
    steps, kept = [], []
    for pin in pins:
        if pin.located is None:
            kept.append(pin)
        else:
            steps.append(Step(pin, pin.installed))
    return Plan(tuple(steps), tuple(kept))
