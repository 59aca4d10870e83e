"""The attacks as data: the table, and the files beside this one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from workbench.sandbox import protections

HERE = Path(__file__).parent
FOLDERS = {
    "python": ("python", "py"),
    "service": ("services", "py"),
    "suite": ("suites", "py"),
    "step": ("steps", "sh"),
    "document": ("documents", "yaml"),
}
# `timeout` on a busy machine too: the range has short deadlines
SENSIBLE = ("failed", "error", "timeout")
# a wrong answer to each exercise, which asks `act` what to give back; the attack comes after it
HOSTS = {
    "risk-level": '''FILE = "churn_service/risk.py"


def act(wrong):
    return wrong


def risk_level(probability):
    return act("low")
''',
    "health-endpoint": '''FILE = "churn_service/health.py"


def act(wrong):
    return wrong


def init_app(app, predictor):
    @app.get("/health")
    def health():
        return act({"status": "well"})

    @app.get("/ready")
    def ready():
        return act({"status": "well"})
''',
    "service-tests": '''FILE = "tests/test_service.py"


def act(wrong):
    return wrong


def test_nothing():
    act(None)
''',
}


@dataclass(frozen=True)
class Attack:
    """One row of the table; see attacks.toml."""

    kind: str
    name: str
    what: str
    verdicts: tuple[str, ...] = SENSIBLE
    needs: str = ""

    @property
    def file(self) -> Path:
        folder, ending = FOLDERS[self.kind]
        return HERE / folder / f"{self.name}.{ending}"

    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")


def attacks(kind: str) -> list:
    """The attacks of a kind as parameters of a test, without those that need what is not here."""
    table = tomllib.loads((HERE.parent / "attacks.toml").read_text("utf-8"))["attack"]
    rows = [Attack(**row | {"verdicts": tuple(row.get("verdicts", SENSIBLE))}) for row in table]
    return [_parameter(row) for row in rows if row.kind == kind]


def _parameter(attack: Attack):
    is_open = bool(attack.needs) and not protections.holds(attack.needs)
    reason = f"nothing stops this here: {attack.needs} is missing"
    return pytest.param(attack, id=attack.name, marks=pytest.mark.skipif(is_open, reason=reason))
