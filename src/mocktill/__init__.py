"""Mocktill: a stateful sandbox for purchase APIs.

For tests and scripts: `with mocktill.sandbox() as box:`. The pytest fixtures are `mocktill` and `mocktill_live`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mocktill.doors.testing.context import sandbox as sandbox
    from mocktill.doors.testing.mocktill import Mocktill as Mocktill
    from mocktill.doors.testing.verdict import ContractWarning as ContractWarning
    from mocktill.doors.testing.verdict import LeakWarning as LeakWarning
    from mocktill.doors.testing.verdict import MocktillWarning as MocktillWarning
    from mocktill.doors.testing.verdict import Violated as Violated

__version__ = "0.1.0"

_HOMES = {
    "sandbox": "context",
    "Mocktill": "mocktill",
    "ContractWarning": "verdict",
    "LeakWarning": "verdict",
    "MocktillWarning": "verdict",
    "Violated": "verdict",
}
"""Where each public name lives: imported when it is asked for, since every run of pytest imports this package."""


if not TYPE_CHECKING:  # a type checker would take every misspelt name for one of these

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"mocktill.doors.testing.{_HOMES[name]}"), name)

    def __dir__() -> list[str]:
        return sorted([*globals(), *_HOMES])
