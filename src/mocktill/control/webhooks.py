"""The webhooks of a sandbox: where they go, and each with what came of it."""

from __future__ import annotations

from mocktill.control.ask import Ask
from mocktill.control.reading import lacking, refusing
from mocktill.core.api import JSON
from mocktill.core.deliveries import Target, shown
from mocktill.core.names import absent
from mocktill.core.webhooks import Webhooks


def webhooks(ask: Ask) -> JSON:
    """Where webhooks go and may go, and what was told, the oldest first, with what came of it.

    They are off until an address is given, which has to be among those that the server was started with.
    """
    kept, apis = ask.box.webhooks, _apis(ask)
    with ask.box.lock:
        targets, deliveries, due = kept.targets(), kept.deliveries(), len(kept.due())
    return {  # payloads are masked here, where nobody waits for it
        "apis": apis,
        "allowed": list(kept.allowed),
        "targets": [target.to_json() for target in targets if target.api in apis],
        "deliveries": [delivery.to_json() for delivery in deliveries if delivery.api in apis],
        "due": due,
    }


def send_to(ask: Ask) -> JSON:
    """The webhooks of this API go to a URL from now on, those that wait included.

    A URL that is not among the allowed addresses is a 422, and so is one that no webhook ever goes to, such as a
    link-local one. The secret is told to nobody.
    """
    api, url, secret = ask.args["api"], ask.body["url"], ask.body.get("secret")
    kept = _kept(ask, api)
    with refusing("/url", url):
        kept.check(url)
    with refusing("/secret", secret):
        kept.send_to(api, url, secret)
    return Target(api, shown(url), secret is not None).to_json()


def stop(ask: Ask) -> JSON:
    """The webhooks of this API go nowhere any more, and what waits is given up."""
    with lacking("/api", ask.args["api"], "path"):
        _kept(ask, ask.args["api"]).stop(ask.args["api"])


def _kept(ask: Ask, api: str) -> Webhooks:
    """Return the webhooks of the sandbox; raise `Missing` for an API that is not served, or has none."""
    with lacking("/api", api, "path"):
        if api not in _apis(ask):
            raise absent("API with webhooks", api, _apis(ask))
    return ask.box.webhooks


def _apis(ask: Ask) -> list[str]:
    served = {api.name for api in ask.served.apis}
    return [api for api in ask.box.webhooks.apis if api in served]
