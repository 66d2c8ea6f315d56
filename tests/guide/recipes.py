"""The recipes for CI: each fits the schema that its readers publish, and what it runs on a machine is run here."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.guide.desk import Desk, Done

KINDS = {
    ".github/workflows/": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
    "compose.yaml": "vendor.compose-spec",
}
"""How the files of recipes begin, each with the schema of its kind."""
PREPARING = ("actions/checkout@", "actions/setup-python@")
"""Steps that bring about what is here already."""
SERVICE = re.compile(r"http://(?:mocktill|127\.0\.0\.1):8080")


@dataclass(frozen=True)
class Job:
    """What is run: lines of bash one after another, with an environment; beside a server with one, if it has any."""

    lines: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    service: Mapping[str, str] | None = None


def kind_of(file: str) -> str | None:
    """Return how the files of a recipe's kind begin; None for a file that is no recipe."""
    return next((kind for kind in KINDS if file.startswith(kind)), None)


def follow(kind: str, path: Path, desk: Desk) -> Done:
    """Check a recipe by its schema and run what it says; return what that said."""
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", KINDS[kind], str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if checked.returncode != 0:
        return Done(checked.stdout + checked.stderr, checked.returncode)
    said, checkout = "", desk.checkout()
    for job in jobs(kind, yaml.safe_load(path.read_text(encoding="utf-8"))):
        if job.service is not None:
            desk.serve(env=job.service)
        env = {name: SERVICE.sub(desk.url, str(value)) for name, value in job.env.items()}
        for lines in job.lines:
            assert "${{" not in lines, f"only the engine knows what this is: {lines}"
            done = desk.run(["bash", "-e", "-c", SERVICE.sub(desk.url, lines)], env=env, cwd=checkout)
            said += done.said
            if done.code != 0:
                return Done(said, done.code)
    return Done(said, 0)


def jobs(kind: str, recipe: Any) -> Iterator[Job]:
    """Yield what a recipe runs."""
    yield from {".github/workflows/": _github, ".gitlab-ci.yml": _gitlab, "compose.yaml": _compose}[kind](recipe)


def _github(recipe: Any) -> Iterator[Job]:
    for job in recipe["jobs"].values():
        service = next((service["env"] for service in job.get("services", {}).values()), None)
        strange = [step["uses"] for step in job["steps"] if "uses" in step and not step["uses"].startswith(PREPARING)]
        assert strange == [], f"nobody can do this here: {strange}"
        yield Job([step["run"] for step in job["steps"] if "run" in step], job.get("env", {}), service)


def _gitlab(recipe: Any) -> Iterator[Job]:
    for job in recipe.values():
        variables = job.get("variables", {})
        service = next(({**variables, **each.get("variables", {})} for each in job.get("services", ())), None)
        steps = ["\n".join(job.get(name, ())) for name in ("before_script", "script", "after_script")]
        yield Job([step for step in steps if step], variables, service)


def _compose(recipe: Any) -> Iterator[Job]:
    services = recipe["services"]
    (app,) = [service for name, service in services.items() if name != "mocktill"]
    yield Job([app["command"]], app["environment"], services["mocktill"]["environment"])
