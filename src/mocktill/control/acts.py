"""What happens in a vendor's world without a request, brought about by hand."""

from __future__ import annotations

from mocktill.control.ask import Ask
from mocktill.control.reading import lacking, refusing
from mocktill.core.api import JSON
from mocktill.core.clock import text
from mocktill.core.names import absent


def act(ask: Ask) -> JSON:
    """It happens to the row with this key, at the sandbox's time, and the journal has a remark on it.

    An act or a key that there is not is a 404, what is impossible as things are a 422, and nothing changes then.
    """
    name, key = ask.args["act"], ask.body["key"]
    known = [f"{api.name}.{one.name}" for api in ask.served.apis for one in api.acts]
    if name not in known:
        raise absent("act", name, known)
    with refusing("/key", key), lacking("/key", key):
        sentence = ask.box.act(name, key)
    return {"now": text(ask.box.now()), "sentence": sentence}
