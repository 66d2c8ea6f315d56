"""The scenario files of the APIs, played in a sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from werkzeug.test import Client

from mocktill.control.ask import Ask
from mocktill.core.api import JSON
from mocktill.core.app import EFFECT, POSTPONED, SANDBOX, STRIKE
from mocktill.core.scenario import Answered, NoAnswer, Scenario, Send
from mocktill.core.scenario import play as play_scenario
from mocktill.core.turn import WHOLE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def scenarios(ask: Ask) -> JSON:
    """The flows that come with each API: examples that can be played, and are tests of the sandbox."""
    return {
        "scenarios": [
            {
                "api": api,
                "name": name,
                "title": scenario.title,
                "about": scenario.about,
                "choices": dict(scenario.choices),
                "steps": scenario.told(),
            }
            for (api, name), scenario in ask.served.scenarios.items()
        ]
    }


def play(ask: Ask) -> JSON:
    """A flow is played in this sandbox, as it is now. It sets the choices that it is about, and they stay so.

    It begins where the sandbox stands: after a reset every step comes as expected. Faults strike as they do otherwise,
    but nothing is late.
    """
    scenario = _scenario(ask)
    steps = [
        {"title": step.title, "said": step.said, "problems": list(step.problems), "entry": step.entry}
        for step in play_scenario(scenario, ask.box, _sender(ask, scenario))
    ]
    return {"ok": not any(step["problems"] for step in steps), "steps": steps}


def _scenario(ask: Ask) -> Scenario:
    api, name = ask.args["api"], ask.args["scenario"]
    found = ask.served.scenarios.get((api, name))
    if found is None:
        raise KeyError(f"{api} has no scenario {name}")
    return found


def _at_once(app: WSGIApplication) -> WSGIApplication:
    """Return an app that answers without the delay what a fault delays: nobody waits for a scenario."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        chunks = app(environ, start_response)
        while POSTPONED in environ:
            environ[STRIKE] = environ.pop(POSTPONED)
            chunks = app(environ, start_response)
        effect = environ.pop(EFFECT, None)
        if effect is not None and effect.connection != WHOLE:
            raise NoAnswer(f"a fault keeps the answer from arriving: {effect.connection}")
        return chunks

    return answer


def _sender(ask: Ask, scenario: Scenario) -> Send:
    client, box = Client(_at_once(ask.served.vendors[scenario.api])), ask.box
    url = ask.served.url(scenario.api, ask.base_url)

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        response = client.open(
            path, method=method, headers=dict(headers), data=body, base_url=url, environ_overrides={SANDBOX: box}
        )
        return Answered(response.status_code, dict(response.headers), response.get_data())

    return send
