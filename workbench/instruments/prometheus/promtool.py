"""Alert rules put to the test by `promtool test rules`: series go in, what fires comes out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workbench.boundary.outcomes import EnvironmentProblem, mismatch

TOOL_SECONDS = 60
# promtool lives for a moment: a fourth of its time went into collecting garbage
SELDOM_COLLECTING = {"GOGC": "400"}
# promtool adds step to step; a sum that is off in its last digit can look like a counter that fell,
# which is one that began again at 0. Multiples of a power of two add up exactly
FINENESS = 1 << 20
# a rule's alerts as promtool prints what it got: labels, then annotations, a line each
ALERT = re.compile(r"Labels:\{(?P<labels>.*)\}\s+Annotations:\{(?P<annotations>.*)\}")
PAIR = re.compile(r'(?P<name>\w+)="(?P<value>(?:[^"\\]|\\.)*)"')
FIRED = re.compile(r'alertname=\\?"(?P<alert>\w+)\\?".*?got:\s*\{\}\s*1E\+00', re.DOTALL)


class Counter:
    """The samples of one series, an interval apart, written in promtool's notation."""

    def __init__(self):
        self.value = 0.0
        self.parts: list[str] = []

    def grow(self, samples: int, step: float) -> None:
        """Adds samples, each about `step` above the one before."""
        step = round(step * FINENESS) / FINENESS
        if samples > 0:
            self.parts.append(f"{self.value + step:.20f}+{step:.20f}x{samples - 1}")
            self.value += step * samples

    def hold(self, samples: int, value: float) -> None:
        """Adds samples that all have the value."""
        if samples > 0:
            self.parts.append(f"{value:g}+0x{samples - 1}")
            self.value = value

    def miss(self, samples: int) -> None:
        """Leaves samples out, as a scrape that failed does; what counts starts at 0 after it."""
        if samples > 0:
            self.parts.append(f"stale _x{samples - 1}" if samples > 1 else "stale")
            self.value = 0.0


@dataclass(frozen=True)
class Firing:
    """One alert that fires: its labels, and its annotations with their templates filled in."""

    labels: dict[str, str]
    annotations: dict[str, str]


@dataclass(frozen=True)
class Series:
    """Everything that a Prometheus saw: series by name and labels, a sample every `seconds`."""

    seconds: int
    values: dict[str, Counter]


def check_rules(rules: Path) -> None:
    """Raises Mismatch with promtool's own words when the file is no rule file."""
    done = _promtool("check", "rules", str(rules))
    if done.returncode:
        output = (done.stdout + done.stderr).replace(str(rules), rules.name).strip()
        raise mismatch(
            f"The check ran `promtool check rules` on {rules.name}",
            got=f"It said: {output[-600:]}",
            expected="a file of rules that Prometheus can read",
            look="the line it names; indentation counts, and an expression of several lines needs `|`",
        )


@dataclass(frozen=True)
class Told:
    """What promtool told: the alerts that fired within a span, and those that fire at its end."""

    fired: set[str]
    firing: list[Firing]


def watch_alerts(
    rules: Path, series: Series, alerts: Iterable[str], *, until: int, and_at: int | None = None
) -> Told:
    """Which of the alerts fired at any minute up to `until`; and, of the first, how it fires at `and_at`."""
    questions = [
        {
            "expr": f'(count(count_over_time(ALERTS{{alertname="{alert}",alertstate="firing"}}'
            f"[{until}m])) > bool 0) or vector(0)",
            "eval_time": f"{until}m",
            "exp_samples": [{"labels": "{}", "value": 0}],
        }
        for alert in alerts
    ]
    asked: dict = {"promql_expr_test": questions}
    if and_at is not None:
        last = {"eval_time": f"{and_at}m", "alertname": next(iter(alerts)), "exp_alerts": []}
        asked["alert_rule_test"] = [last]
    output = _test(rules, series, asked)
    # an answer is what stands before the next question
    fired = {match["alert"] for part in output.split("expr: ") if (match := FIRED.search(part))}
    firing = [
        Firing(*(dict(PAIR.findall(match[part])) for part in ("labels", "annotations")))
        for match in ALERT.finditer(output)
    ]
    return Told(fired, firing)


def _test(rules: Path, series: Series, questions: dict) -> str:
    inputs = [
        {"series": name, "values": " ".join(counter.parts)}
        for name, counter in series.values.items()
    ]
    interval = f"{series.seconds}s"
    test = {"interval": interval, "input_series": inputs, **questions}
    asked = {"rule_files": [str(rules.resolve())], "evaluation_interval": interval, "tests": [test]}
    with tempfile.TemporaryDirectory(prefix="workbench-promtool-") as folder:
        file = Path(folder) / "test.yml"
        file.write_text(json.dumps(asked), encoding="utf-8")  # JSON is YAML too
        done = _promtool("test", "rules", str(file))
    output = done.stdout + done.stderr
    if done.returncode and "FAILED" not in output:
        raise OSError(f"promtool could not run the test: {output[-800:]}")
    if "got:" not in output and "FAILED" in output:
        raise OSError(f"promtool says something unheard of: {output[-800:]}")
    return output


def _promtool(*arguments: str) -> subprocess.CompletedProcess:
    tool = shutil.which("promtool")
    if tool is None:
        raise EnvironmentProblem(
            "promtool is not installed, and only promtool can say what an alert does",
            look="install Prometheus (Debian and Ubuntu: `sudo apt-get install prometheus`; macOS: "
            "`brew install prometheus`): promtool comes with it",
        )
    try:
        return subprocess.run(
            [tool, *arguments],
            capture_output=True,
            text=True,
            timeout=TOOL_SECONDS,
            check=False,
            env={**os.environ, **SELDOM_COLLECTING},
        )
    except subprocess.TimeoutExpired:
        raise mismatch(
            f"The check ran `promtool {arguments[0]} rules`",
            got=f"It had not ended after {TOOL_SECONDS} seconds",
            expected="rules that can be evaluated in time",
            look="ranges of weeks, and joins of many series with many series",
        ) from None
