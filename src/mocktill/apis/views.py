"""What a person or a test author sees of each API, as attributes: an editor completes `box.deem.`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mocktill.apis.deem.view import View as DeemView
from mocktill.apis.drip.view import View as DripView
from mocktill.apis.kajabi.view import View as KajabiView
from mocktill.apis.supertab.view import View as SupertabView


class Views:
    """The views of a sandbox as its attributes, one for each API; those that Mocktill brings have their types.

    An API of another package is there by its name as well, unless something else is called so: `view` gives that one.
    What is no API is an AttributeError in words.
    """

    def view(self, api: str) -> Any:
        """Return what is seen of an API; raise KeyError, in words, for one that there is not. To be overridden."""
        raise NotImplementedError(f"{type(self).__name__} does not say how an API is seen")

    @property
    def deem(self) -> DeemView:
        """Deals with their stock, purchases and reservations of Deem Offers."""
        view: DeemView = self._seen("deem")
        return view

    @property
    def drip(self) -> DripView:
        """Subscribers and purchases of Drip."""
        view: DripView = self._seen("drip")
        return view

    @property
    def supertab(self) -> SupertabView:
        """Purchases and tabs of Supertab."""
        view: SupertabView = self._seen("supertab")
        return view

    @property
    def kajabi(self) -> KajabiView:
        """Purchases and payment plans of Kajabi."""
        view: KajabiView = self._seen("kajabi")
        return view

    def _seen(self, name: str) -> Any:
        try:
            return self.view(name)
        except KeyError as error:
            said = f"{type(self).__name__!r} object has no attribute {name!r}, and {error.args[0]}"
            raise AttributeError(said) from None

    if not TYPE_CHECKING:  # a type checker would take every misspelt name for an API

        def __getattr__(self, name: str) -> Any:
            """Return the view of an API of another package."""
            if name.startswith("_") or hasattr(type(self), name):
                return object.__getattribute__(self, name)  # which says what is wrong with one of its own
            return self._seen(name)
