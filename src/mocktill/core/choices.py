"""What the sandbox decides where the docs are silent: by name, with alternatives, and how well each is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property

from mocktill.core.store import Table


class Basis(StrEnum):
    """How well an answer is known, best first."""

    DOCUMENTED = "documented"
    PUBLISHED = "published"
    OBSERVED = "observed"
    ASSUMED = "assumed"


_WEAKNESS = {basis: weakness for weakness, basis in enumerate(Basis)}


def weakest(*bases: Basis) -> Basis:
    """Return the least well known of these."""
    return max(bases, key=_WEAKNESS.__getitem__)


@dataclass(frozen=True)
class Option:
    """One way to decide. `basis` is how well an answer decided this way is known; None for the choice's own.

    One that decides who may ask, or where a link leads, and not what is answered, does not weaken the answer.
    """

    value: str
    sentence: str
    basis: Basis | None = None
    weakens: bool = True


@dataclass(frozen=True)
class Choice:
    """A question that the docs leave open, its default (the first option) and its alternatives."""

    name: str
    question: str
    options: tuple[Option, ...]
    basis: Basis = Basis.ASSUMED

    @property
    def default(self) -> str:
        """The value that holds where nobody chose."""
        return self.options[0].value

    def option(self, value: str) -> Option:
        """Return the option with this value; raise ValueError that names the alternatives."""
        for option in self.options:
            if option.value == value:
                return option
        raise ValueError(f"{self.name} is one of {', '.join(o.value for o in self.options)}; not {value!r}")

    def weight(self, value: str) -> tuple[Basis, bool]:
        """Return how well a decision for this value is known, and whether it weakens the answer."""
        return self._weights[value]

    @cached_property
    def _weights(self) -> Mapping[str, tuple[Basis, bool]]:
        return {option.value: (option.basis or self.basis, option.weakens) for option in self.options}


def unknown_credentials(api: str) -> Choice:
    """Return the choice that every API has on credentials that nobody seeded."""
    return Choice(
        f"{api}.unknown_credentials",
        "What does a credential get that the fixtures do not list?",
        (
            Option("accept", "It is accepted, so that your own test key works.", weakens=False),
            Option("refuse", "It is refused like a wrong one."),
        ),
    )


def idempotency(api: str) -> Choice:
    """Return the choice on the header `Idempotency-Key`, of which no vendor says anything."""
    return Choice(
        f"{api}.idempotency",
        "What does the header `Idempotency-Key` do on a request that may change something?",
        (
            Option("ignore", "Nothing: each request counts.", weakens=False),
            Option(
                "honour",
                "For 24 hours of the clock the same request with the same key gets the first answer again, and another"
                " one with it a conflict. A refusal changed nothing and is not kept.",
                weakens=False,
            ),
        ),
    )


def webhook_delivery(api: str) -> Choice:
    """Return the choice on when a webhook is sent."""
    return Choice(
        f"{api}.webhook_delivery",
        "When is a webhook sent?",
        (
            Option("at_once", "As soon as what it tells of is kept.", weakens=False),
            Option("when_time_moves", "A second later on the sandbox's clock.", weakens=False),
        ),
    )


def webhook_retries(api: str) -> Choice:
    """Return the choice on what becomes of a webhook that nobody took."""
    return Choice(
        f"{api}.webhook_retries",
        "When is a webhook sent again that was not answered with a 2xx?",
        (
            Option(
                "svix",
                "After 5 s, 5 and 30 min, 2, 5, 10 and 10 h of the sandbox's clock, as Svix publishes.",
                weakens=False,
            ),
            Option("none", "Never.", weakens=False),
        ),
    )


def unknown(name: str, choices: Iterable[str]) -> str:
    """Return a sentence on a name that is no choice's: the nearest ones, or where all are listed."""
    near = get_close_matches(name, choices, 3, 0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "the README lists them"
    return f"there is no choice {name!r}: {hint}"


def check(choices: Mapping[str, Choice], settings: Mapping[str, str]) -> None:
    """Raise ValueError, in words, for a setting that names no choice or none of its options."""
    for name, value in settings.items():
        if name not in choices:
            raise ValueError(unknown(name, choices))
        choices[name].option(value)


class Choices:
    """The choices of a sandbox: read them by full name, set them, see them all.

    `known` are those that there are; `changing` gives a context in which rows are changed as a whole.
    """

    def __init__(
        self, known: Mapping[str, Choice], table: Table, changing: Callable[[], AbstractContextManager[object]]
    ) -> None:
        self._known = known
        self._table = table
        self._changing = changing

    def __getitem__(self, name: str) -> str:
        choice = self._known.get(name)
        if choice is None:
            raise KeyError(unknown(name, self._known))
        row = self._table.get(name)
        return choice.default if row is None else str(row["value"])

    def __setitem__(self, name: str, value: str) -> None:
        self.set({name: value})

    def set(self, settings: Mapping[str, str]) -> None:
        """Set several, or none if one is wrong: raises ValueError in words."""
        check(self._known, settings)
        with self._changing():
            for name, value in settings.items():
                self._table.put(name, {"value": value})

    def all(self) -> dict[str, str]:
        """Return every choice with its value."""
        return {name: self[name] for name in self._known}
