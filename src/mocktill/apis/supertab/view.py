"""What a person or a test author sees of Supertab: purchases with their status, and tabs that can be paid."""

from __future__ import annotations

from mocktill.apis.supertab.choices import CHOICES
from mocktill.apis.supertab.handlers import status
from mocktill.core.api import Scene
from mocktill.core.clock import text
from mocktill.core.store import Row, Table

DEFAULTS = {choice.name.removeprefix("supertab."): choice.default for choice in CHOICES}


class View:
    """The domain of Supertab in one sandbox."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def purchase(self, purchase_id: str) -> Row:
        """Return the row of a purchase; raise KeyError for one that does not exist."""
        return self._row("purchases", purchase_id)

    def tab(self, tab_id: str) -> Row:
        """Return the row of a tab; raise KeyError for one that does not exist."""
        return self._row("tabs", tab_id)

    def status(self, purchase_id: str) -> str | None:
        """Return the status that a purchase has now: `completed`, `pending`, `abandoned` or None."""
        return status(purchase_id, self.purchase(purchase_id), self._table, self._choice)

    def purchases_on(self, tab_id: str) -> list[str]:
        """Return the ids of the purchases on a tab, oldest first."""
        return [key for key, _ in self._scene.table("supertab.purchases").find("by_tab", tab_id)]

    def pay_tab(self, tab_id: str) -> None:
        """Let a tab be paid now: that closes it and completes what is on it.

        One that is paid stays as it is.
        """
        with self._scene.changing():
            tab = self.tab(tab_id)
            if tab.get("paid_at") is None:
                now = text(self._scene.now())
                paid = {**tab, "status": "closed", "paid_at": now, "updated_at": now}
                self._scene.table("supertab.tabs").put(tab_id, paid)

    def add_to_tab(self, purchase_id: str, tab_id: str) -> None:
        """Put a pending purchase, which is on no tab, on one.

        Raises ValueError, in words, for a purchase that is on a tab already, and for a tab that is closed.
        """
        with self._scene.changing():
            purchase, tab = self.purchase(purchase_id), self.tab(tab_id)
            if purchase.get("tab_id") is not None:
                raise ValueError(f"{purchase_id} is on {purchase['tab_id']} already")
            if tab["status"] == "closed":
                raise ValueError(f"{tab_id} is closed")
            added = {**purchase, "tab_id": tab_id, "updated_at": text(self._scene.now())}
            self._scene.table("supertab.purchases").put(purchase_id, added)

    def _row(self, table: str, key: str) -> Row:
        row = self._table(table).get(key)
        if row is None:
            raise KeyError(key)
        return row

    def _table(self, name: str) -> Table:
        return self._scene.table(f"supertab.{name}")

    def _choice(self, name: str) -> str:
        # read from its row: a backend would note it as having decided the answer of a request that runs beside this
        row = self._scene.table("mocktill.choices").get(f"supertab.{name}")
        return DEFAULTS[name] if row is None else str(row["value"])
