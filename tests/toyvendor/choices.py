"""What Kiosk's page leaves open."""

from __future__ import annotations

from mocktill.core.choices import Basis, Choice, Option, unknown_credentials

CHOICES = (
    unknown_credentials("kiosk"),
    Choice(
        "kiosk.sold_out_status",
        "Which status does a ticket get for which no seats are left?",
        (Option("409", "409, as any conflict."), Option("410", "410: they are gone.", Basis.OBSERVED)),
    ),
)
