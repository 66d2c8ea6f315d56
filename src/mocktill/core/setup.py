"""What a sandbox begins with: the settings that make one world differ from another on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

SEED = 1
SEEDS = range(1 - 2**53, 2**53)
"""The seeds that there are: whole numbers that every reader of JSON holds."""
ANSWERS = ("stateful", "canned", "generated")


@dataclass(frozen=True)
class Setup:
    """What a sandbox begins with, and goes back to on reset.

    `now` freezes its clock at an instant; `populate` is how many objects are made, of `populate_api` or of each API.
    `webhooks` are the URLs that webhooks go to, by API.
    """

    seed: int = SEED
    answers: str = ANSWERS[0]
    choices: Mapping[str, str] | None = None
    now: datetime | None = None
    populate: int = 0
    populate_api: str | None = None
    webhooks: Mapping[str, str] | None = None

    def check(self) -> None:
        """Raise ValueError, in words, for a seed or a kind of answers that there is not."""
        if self.seed not in SEEDS:
            raise ValueError(f"a seed is a whole number from {SEEDS[0]} to {SEEDS[-1]}; not {self.seed}")
        if self.answers not in ANSWERS:
            raise ValueError(f"answers are {', '.join(ANSWERS)}; not {self.answers!r}")
