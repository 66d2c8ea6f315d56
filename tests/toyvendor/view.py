"""What a test author sees of Kiosk."""

from __future__ import annotations

from mocktill.core.api import Scene


class View:
    """The domain of Kiosk in one sandbox."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def tickets(self, show: str) -> list[str]:
        """Return the numbers of a show's tickets, the earliest first."""
        return [number for number, _ in self._scene.table("kiosk.tickets").find("by_show", show)]
