"""What Kiosk's page leaves open."""

from __future__ import annotations

from mocktill.core.choices import (
    Basis,
    Choice,
    Option,
    idempotency,
    unknown_credentials,
    webhook_delivery,
    webhook_retries,
)

CHOICES = (
    unknown_credentials("kiosk"),
    idempotency("kiosk"),
    webhook_delivery("kiosk"),
    webhook_retries("kiosk"),
    Choice(
        "kiosk.sold_out_status",
        "Which status does a ticket get for which no seats are left?",
        (Option("409", "409, as any conflict."), Option("410", "410: they are gone.", Basis.OBSERVED)),
    ),
)
