"""The toy vendor tells of what it keeps: a sandbox of it with webhooks, and a courier that brings nothing by itself."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from mocktill.core.api import Api, Backend, Call, Handler, Result, Webhook
from mocktill.core.catalogue import Catalogue
from mocktill.core.choices import Basis, webhook_delivery, webhook_retries
from mocktill.core.deliveries import Outcome
from mocktill.core.sandbox import Sandbox, Setup
from mocktill.core.webhooks import Webhooks
from tests.conftest import NOW
from tests.core.toy import toy

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "http://127.0.0.1:9000/hook"
EVENT = "thing.kept"


def keep(call: Call, backend: Backend) -> Result:
    """Keep what was sent under the path's key, and tell of it."""
    backend.table("things").put(call.args["key"], {"sent": call.body})
    backend.emit(EVENT, call.args["key"], lambda: {"type": EVENT, "data": call.body})
    return Result("kept")


def signed(number: str, unix_seconds: int, body: bytes, secret: str) -> Mapping[str, str]:
    """Sign as Svix publishes it (docs.svix.com/receiving/verifying-payloads/how-manual)."""
    content = f"{number}.{unix_seconds}.".encode() + body
    mac = hmac.new(b64decode(secret.removeprefix("whsec_"), validate=True), content, sha256).digest()
    signature = f"v1,{b64encode(mac).decode()}"
    return {"svix-id": number, "svix-timestamp": str(unix_seconds), "svix-signature": signature}


def telling_toy(folder: Path, handler: Handler = keep, **more: Any) -> Api:
    """Make the toy vendor, with its files in a folder; it signs as Svix does."""
    made = toy(folder, handler, **more)
    choices = (*made.choices, webhook_delivery("toy"), webhook_retries("toy"))
    return replace(made, choices=choices, webhook=Webhook((EVENT,), Basis.PUBLISHED, "the toy's page", signed, SECRET))


@dataclass
class Waiting:
    """A courier that brings nothing by itself: it says yes to every URL but those that a test names."""

    refused: frozenset[str] = frozenset()
    told: list[Webhooks] = field(default_factory=list)

    @property
    def allowed(self) -> Sequence[str]:
        """Say one address."""
        return ["127.0.0.1:9000"]

    def check(self, url: str) -> None:
        """Refuse what is named."""
        if url in self.refused:
            raise ValueError(f"{url} is not listed")

    def tell(self, webhooks: Webhooks) -> None:
        """Remember it."""
        self.told.append(webhooks)


def telling_box(folder: Path, handler: Handler = keep, **more: Any) -> Sandbox:
    """Make a sandbox that has only the toy vendor, whose webhooks go nowhere yet; its clock stands still."""
    return Sandbox(Catalogue([telling_toy(folder, handler, **more)]), setup=Setup(now=NOW))


def bring(box: Sandbox, outcome: Outcome) -> list[str]:
    """Let everything that is due come to this; return the ids of what was."""
    due = box.webhooks.due()
    for delivery in due:
        parcel = box.webhooks.parcel(delivery)
        assert parcel is not None
        box.webhooks.record(delivery, parcel.url, outcome)
    return [delivery.id for delivery in due]
