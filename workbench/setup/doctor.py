"""``doctor``: what this machine has, what is missing, and the fix for it."""

import argparse
import importlib.metadata
import json
import re
from dataclasses import asdict

from workbench.setup import findings
from workbench.setup.environment import venv_version
from workbench.setup.findings import Finding
from workbench.setup.layout import FIRST_LESSON, Layout, spelled
from workbench.setup.lock import held_by
from workbench.setup.packages import packages_ready
from workbench.setup.prepare import orders_ready

START = f"run `{spelled('start --prepare')}`"
TOOLS = ("jupyterlab", "scikit-learn", "pandas", "duckdb", "flask", "pytest", "docker", "locust")


def find_environment(layout: Layout) -> Finding:
    version = venv_version(layout)
    if layout.unfinished.exists():
        return Finding("environment", "missing", ".venv is half made", START)
    if version is None:
        return Finding("environment", "missing", "no .venv that runs", START)
    return Finding("environment", "ok", f".venv with Python {version}")


def read_pins(text: str) -> dict[str, set[str]]:
    """Pinned versions by package, for packages every platform needs (those without a marker)."""
    pins: dict[str, set[str]] = {}
    for name, version, marker in re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)\s*(;?)", text):
        if not marker:
            pins.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(version)
    return pins


def find_packages(layout: Layout) -> list[Finding]:
    """One finding for all the pins together, and one for each main tool."""
    requirements = layout.root / "requirements.txt"
    if not requirements.exists():
        return [Finding("packages", "missing", "no requirements.txt", "clone the course again")]
    folder = layout.site_packages
    installed = {
        re.sub(r"[-_.]+", "-", found.metadata["Name"] or "").lower(): found.version
        for found in importlib.metadata.distributions(path=[str(folder)] if folder else [])
    }
    pins = read_pins(requirements.read_text(encoding="utf-8"))
    return [
        _all_packages(pins, installed, finished=packages_ready(layout, "requirements.txt")),
        *(_one_tool(name, pins, installed) for name in TOOLS if name in pins),
    ]


def _all_packages(pins: dict, installed: dict, *, finished: bool) -> Finding:
    absent = sorted(name for name in pins if name not in installed)
    other = sorted(n for n, versions in pins.items() if installed.get(n, *versions) not in versions)
    seen = f"{len(pins) - len(absent)} of {len(pins)} pinned packages"
    if absent:
        shown = ", ".join(absent[:5]) + (" ..." if len(absent) > 5 else "")
        return Finding("packages", "missing", f"{seen}; missing: {shown}", START)
    if other:
        return Finding("packages", "warning", f"{seen}; not as pinned: {', '.join(other)}", START)
    return Finding("packages", "ok", seen, "" if finished else f"{START} to record them as done")


def _one_tool(name: str, pins: dict, installed: dict) -> Finding:
    pinned, version = ", ".join(sorted(pins[name])), installed.get(name)
    if version is None:
        return Finding(name, "missing", f"not installed; {pinned} is pinned", START)
    status = "ok" if version in pins[name] else "warning"
    return Finding(name, status, f"{version} ({pinned} is pinned)", "" if status == "ok" else START)


def find_kernel(layout: Layout) -> Finding:
    kernel = layout.venv / "share/jupyter/kernels/python3/kernel.json"
    if kernel.exists():
        return Finding("notebook kernel", "ok", layout.shown(kernel))
    return Finding("notebook kernel", "missing", "not in .venv", START)


def find_orders(layout: Layout) -> Finding:
    if orders_ready(layout):
        return Finding("orders and model", "ok", "made, and unchanged since")
    if any((layout.root / "data").glob("*")):
        seen = "data/ has changed since the set-up, or the set-up was stopped"
        return Finding("orders and model", "warning", seen, START)
    return Finding("orders and model", "missing", "data/ is empty", START)


def find_lessons(layout: Layout) -> Finding:
    if (layout.root / FIRST_LESSON).exists():
        return Finding("lessons", "ok", FIRST_LESSON)
    return Finding("lessons", "missing", f"no {FIRST_LESSON}", "clone the course again")


def find_lock(layout: Layout) -> Finding:
    holder = held_by(layout.lock)
    if holder is None:
        return Finding("set-up lock", "ok", "free")
    return Finding("set-up lock", "warning", f"held by {holder}", "wait for that set-up to finish")


EXAMINATIONS = (
    findings.find_python,
    find_environment,
    find_packages,
    find_kernel,
    find_orders,
    find_lessons,
    findings.find_cores,
    findings.find_memory,
    findings.find_disk,
    findings.find_ports,
    findings.find_docker,
    findings.find_protections,
    findings.find_browser,
    find_lock,
)


def examine(layout: Layout) -> list[Finding]:
    """Everything the doctor finds, in the order it is shown. Changes nothing."""
    groups = [examination(layout) for examination in EXAMINATIONS]
    return [one for item in groups for one in (item if isinstance(item, list) else [item])]


def report(findings: list[Finding]) -> str:
    """An aligned list; each fix stands below what it mends."""
    widest = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.status:<7}  {finding.name:<{widest}}  {finding.seen}")
        if finding.fix:
            lines.append(f"{'':<7}  {'':<{widest}}  -> {finding.fix}")
    missing = sum(finding.status == "missing" for finding in findings)
    closing = f"{missing} missing; the course cannot do without." if missing else "All there."
    return "\n".join([*lines, "", closing])


def doctor_parser() -> argparse.ArgumentParser:
    """The parser of `doctor`."""
    parser = argparse.ArgumentParser(
        prog=spelled("doctor"),
        description="Say what this machine has, what is missing, and how to mend it.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def main(layout: Layout, argv: list[str]) -> int:
    """Print the findings; return 1 when one the course cannot do without is missing."""
    options = doctor_parser().parse_args(argv)
    findings = examine(layout)
    healthy = all(finding.status != "missing" for finding in findings)
    if options.json:
        listed = [asdict(finding) for finding in findings]
        print(json.dumps({"schema": 1, "ok": healthy, "findings": listed}, indent=2))
    else:
        print(report(findings))
    return 0 if healthy else 1
