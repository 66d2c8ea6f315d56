"""The control API as one table: the URL map, its OpenAPI document and its tests are made from it."""

from __future__ import annotations

from mocktill.control import (
    about,
    acts,
    boxes,
    copies,
    faults,
    journal,
    metrics,
    panels,
    playing,
    pulse,
    samples,
    steering,
    tables,
    webhooks,
)
from mocktill.control.ask import Route

GET, POST, PUT, PATCH, DELETE = "GET", "POST", "PUT", "PATCH", "DELETE"

ROUTES = (
    Route("health", GET, "/health", about.health, "Whether it lives", "health.response", boxed=False, open=True),
    Route(
        "ready", GET, "/ready", about.ready, "Whether it can be asked", "ready.response",
        errors=(503,), boxed=False, open=True,
    ),
    Route(
        "get_metrics", GET, "/metrics", metrics.metrics, "What the server counts, for Prometheus",
        errors=(501,), boxed=False, media=metrics.MEDIA, example=metrics.EXAMPLE,
    ),
    Route("list_apis", GET, "/apis", about.apis, "The APIs that are served", "apis.response", boxed=False),
    Route(
        "get_operation", GET, "/apis/{api}/operations/{operation}", samples.operation, "An operation, to be tried",
        "operation.response",
    ),
    Route(
        "get_openapi", GET, "/openapi/{api}.json", about.document, "An API as an OpenAPI document", "openapi.response",
    ),
    Route(
        "get_schema", GET, "/schemas/{api}/{schema}.json", about.schema, "A JSON Schema of an API", "schema.response",
        boxed=False,
    ),
    Route("get_pulse", GET, "/pulse", pulse.pulse, "Whether anything has changed", "pulse.response"),
    Route("reset", POST, "/reset", steering.reset, "Go back to the beginning", "now.response"),
    Route("get_state", GET, "/state", steering.state, "All rows as a document", "state.response"),
    Route(
        "put_state", PUT, "/state", steering.load, "Replace all rows by a document", "now.response",
        body="state.request", scene=True,
    ),
    Route("list_tables", GET, "/tables", tables.tables, "The tables, and how many rows each has", "tables.response"),
    Route(
        "list_rows", GET, "/state/{table}", tables.rows, "The rows of a table, page by page", "rows.response",
        query="rows.query",
    ),
    Route(
        "change_row", PATCH, "/state/{table}/{key}", steering.change, "Change one row", "row.response",
        body="change.request",
    ),
    Route("list_panels", GET, "/panels", panels.panels, "What a person sees of each API", "panels.response"),
    Route(
        "get_panel", GET, "/panels/{api}/{panel}", panels.panel, "Objects of an API, as a person sees them",
        "panel.response", query="panel.query",
    ),
    Route("list_snapshots", GET, "/snapshots", steering.snapshots, "The snapshots", "snapshots.response"),
    Route("get_snapshot", GET, "/snapshots/{snapshot}", steering.snapshot, "Download a snapshot", "snapshot.response"),
    Route(
        "put_snapshot", PUT, "/snapshots/{snapshot}", steering.save, "Save or upload a snapshot", "saved.response",
        201, body="snapshot.request", scene=True, optional=True,
    ),
    Route("delete_snapshot", DELETE, "/snapshots/{snapshot}", steering.forget, "Delete a snapshot", status=204),
    Route(
        "restore_snapshot", POST, "/snapshots/{snapshot}/restore", steering.restore, "Bring a snapshot back",
        "now.response",
    ),
    Route("get_clock", GET, "/clock", steering.clock, "What time it is", "clock.response"),
    Route("move_clock", POST, "/clock", steering.move, "Move time", "clock.response", body="clock.request"),
    Route("list_faults", GET, "/faults", faults.faults, "The fault rules in force", "faults.response"),
    Route("add_fault", POST, "/faults", faults.add, "Add a fault rule", "fault.response", 201, body="fault.request"),
    Route("clear_faults", DELETE, "/faults", faults.clear, "Remove all fault rules", status=204),
    Route("list_presets", GET, "/faults/presets", faults.presets, "The fault rules by name", "presets.response"),
    Route(
        "add_preset", POST, "/faults/presets/{preset}", faults.add_preset, "Add a fault rule by name", "fault.response",
        201, body="preset.request",
    ),
    Route("remove_fault", DELETE, "/faults/{fault}", faults.remove, "Remove a fault rule", status=204),
    Route(
        "read_journal", GET, "/journal", journal.journal, "What was asked and answered", "journal.response",
        query="journal.query",
    ),
    Route("clear_journal", DELETE, "/journal", journal.clear, "Empty the journal", status=204),
    Route(
        "count_entries", GET, "/journal/count", journal.count, "Count entries, or wait for them", "count.response",
        query="count.query",
    ),
    Route("get_entry", GET, "/journal/{entry}", journal.entry, "One entry, explained", "explained.response"),
    Route(
        "copy_entry", GET, "/journal/{entry}/copies", copies.copies, "An entry's request as texts to copy",
        "copies.response",
    ),
    Route(
        "replay_entry", POST, "/journal/{entry}/replay", copies.replay, "Ask an entry's request again",
        "replay.response", 201,
    ),
    Route("list_leaks", GET, "/flows/leaks", journal.leaks, "Reservations that leak", "leaks.response"),
    Route(
        "check_flow", POST, "/flows/check", journal.check, "Whether a sequence is what happened", "verdict.response",
        body="flow.request",
    ),
    Route("list_scenarios", GET, "/scenarios", playing.scenarios, "Flows to play", "scenarios.response", boxed=False),
    Route(
        "play_scenario", POST, "/scenarios/{api}/{scenario}/play", playing.play, "Play a flow; it sets choices",
        "played.response",
    ),
    Route("list_choices", GET, "/choices", steering.choices, "What is decided, and how", "choices.response"),
    Route(
        "set_choices", PATCH, "/choices", steering.choose, "Decide otherwise", "choices.response",
        body="choices.request",
    ),
    Route(
        "populate", POST, "/populate", steering.populate, "Make living objects, 1,000 at the most", "populate.response",
        body="populate.request",
    ),
    Route(
        "act", POST, "/acts/{act}", acts.act, "Let something happen without a request", "act.response",
        body="act.request",
    ),
    Route("list_webhooks", GET, "/webhooks", webhooks.webhooks, "What is told to whom", "webhooks.response"),
    Route(
        "set_webhook", PUT, "/webhooks/{api}", webhooks.send_to, "Send the webhooks of an API somewhere",
        "webhook.response", body="webhook.request",
    ),
    Route("remove_webhook", DELETE, "/webhooks/{api}", webhooks.stop, "Send an API's webhooks nowhere", status=204),
    Route("list_sandboxes", GET, "/sandboxes", boxes.sandboxes, "The sandboxes", "sandboxes.response", boxed=False),
    Route(
        "make_sandbox", POST, "/sandboxes", boxes.make, "Make a sandbox", "sandbox.response",
        201, body="sandbox.request", errors=(409,), boxed=False,
    ),
    Route(
        "delete_sandbox", DELETE, "/sandboxes/{sandbox}", boxes.delete, "Delete a sandbox", status=204, boxed=False,
    ),
)  # fmt: skip
"""Every call. What a variable in a path may be is in the schema `arguments`."""
