"""Figures as they are printed: a median with its range, and whether a target holds."""

from __future__ import annotations

import operator
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "at least": operator.ge,
    "at most": operator.le,
    "under": operator.lt,
}


@dataclass(frozen=True)
class Spread:
    """What was measured again and again."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Return the spread of these values."""
        return cls(tuple(values))

    @property
    def median(self) -> float:
        """The value in the middle."""
        return statistics.median(self.values)

    def to(self, other: Spread) -> Spread:
        """Return the ratios to another one, pair by pair: what was measured side by side is compared."""
        return Spread.of(mine / yours for mine, yours in zip(self.values, other.values, strict=True))

    def text(self, form: str = ".2f", factor: float = 1) -> str:
        """Return the median and the range: `7,012 (6,900 to 7,100)`."""
        low, middle, high = (
            format(value * factor, form) for value in (min(self.values), self.median, max(self.values))
        )
        return f"{middle} ({low} to {high})"


@dataclass
class Targets:
    """What was hoped for, and whether it holds; nothing fails on it."""

    said: list[str] = field(default_factory=list)

    def judge(self, what: str, measured: float, relation: str, target: float, unit: str = "") -> None:
        """Print and keep whether a measured figure is `at least`, `at most` or `under` its target."""
        holds = "holds" if RELATIONS[relation](measured, target) else "does not hold"
        self.said.append(f"{what}: {measured:.2f}{unit}, target {relation} {target:g}{unit}: {holds}")
        print(f"  -> {self.said[-1]}")

    def sum_up(self) -> None:
        """Print all of them once more."""
        if self.said:
            print("\nTargets:")
            print("\n".join(f"  {line}" for line in self.said))
