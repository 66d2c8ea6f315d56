"""The vendors. They never import each other, and nothing of a vendor is known outside its folder."""

from __future__ import annotations

from mocktill.apis import deem, drip, kajabi, supertab
from mocktill.core.api import Api

BUILTIN: tuple[Api, ...] = (deem.API, drip.API, supertab.API, kajabi.API)
"""The APIs that Mocktill brings, in the order of their listing. A fifth one is one more here."""
