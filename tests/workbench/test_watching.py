"""What lesson 10 is judged with: scrapes that are read, rules that promtool tests, tied servers."""

import math
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.boundary.outcomes import EnvironmentProblem, Mismatch
from workbench.instruments.prometheus.exposition import parse_exposition
from workbench.instruments.prometheus.promtool import Counter, Series, check_rules, watch_alerts
from workbench.sandbox.processes import start_module

from ..conftest import require

RULES = """
groups:
  - name: one
    rules:
      - alert: High
        expr: level > 5
        labels: {severity: page}
        annotations: {summary: "level is {{ $value }}"}
"""


def test_a_scrape_is_read_with_its_escapes_and_its_odd_numbers():
    seen = parse_exposition(
        "# HELP a Some text { with braces }\n"
        'a_total{path="/x\\"y\\\\z\\n",le="+Inf"} 3\n'
        "b 1e-3 1700000000000\n"
        'c{x="{,}"} NaN\n\n'
    )

    (a,), (b,), (c,) = seen.of("a_total"), seen.of("b"), seen.of("c")
    assert a.labels == {"path": '/x"y\\z\n', "le": "+Inf"} and a.value == 3
    assert b.value == 0.001 and c.labels == {"x": "{,}"} and math.isnan(c.value)


@pytest.mark.parametrize("line", ["a{x=1} 2", 'a{x="1" 2', "a", "a two", '{x="1"} 2'])
def test_a_line_that_is_no_sample_is_named(line):
    with pytest.raises(ValueError, match="line 2 is no sample"):
        parse_exposition(f"good 1\n{line}\n")


def test_totals_and_bounds_come_from_matching_series():
    lines = [
        f'h_bucket{{route="{r}",le="{b}"}} {n}' for r in "ab" for b, n in (("0.1", 1), ("+Inf", 4))
    ]
    seen = parse_exposition("\n".join(lines))

    assert seen.bounds("h") == [0.1, math.inf]
    assert seen.total("h_bucket", route="a") == 5 and seen.total("h_bucket", le="+Inf") == 8
    assert seen.total("nothing") == 0


def level(*parts: tuple[int, float]) -> Series:
    counter = Counter()
    for samples, value in parts:
        counter.hold(samples, value)
    return Series(60, {"level": counter})


@pytest.fixture
def rules(tmp_path):
    require("prometheus", shutil.which("promtool") is not None, "install Prometheus")
    file = tmp_path / "rules.yml"
    file.write_text(RULES, encoding="utf-8")
    return file


def test_an_alert_that_fires_is_told_with_its_labels_and_annotations(rules):
    told = watch_alerts(rules, level((10, 1), (10, 7)), ["High"], until=9, and_at=15)

    assert told.fired == set()
    (firing,) = told.firing
    assert firing.labels["severity"] == "page"
    assert firing.annotations == {"summary": "level is 7"}


def test_an_alert_that_fired_for_a_moment_is_seen_among_those_that_did_not(rules):
    series = level((10, 1), (1, 7), (10, 1))

    assert watch_alerts(rules, series, ["Other", "High"], until=20).fired == {"High"}


def test_a_counter_that_grows_by_fractions_never_seems_to_fall(rules):
    counter = Counter()
    for _ in range(200):
        counter.grow(7, 0.1)
        counter.grow(5, 0)
    rules.write_text(RULES.replace("level > 5", "resets(level[1d]) > 0"), encoding="utf-8")

    assert watch_alerts(rules, Series(60, {"level": counter}), ["High"], until=2300).fired == set()


def test_a_file_that_is_no_rule_file_is_refused_in_promtools_words(rules):
    rules.write_text("groups: [{name: one, rules: [{alert: A, expr: 'sum('}]}]", encoding="utf-8")

    with pytest.raises(Mismatch, match=r"rules\.yml") as refused:
        check_rules(rules)
    assert str(rules.parent) not in refused.value.message


def test_without_promtool_it_is_the_environment(rules, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(EnvironmentProblem, match="promtool is not installed"):
        check_rules(rules)


@pytest.mark.skipif(os.name == "nt", reason="ties processes with a POSIX shell")
def test_a_server_does_not_outlive_the_judge_that_started_it(tmp_path):
    (tmp_path / "sleeper.py").write_text(
        "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n", encoding="utf-8"
    )
    program = (
        "import sys, pathlib, time; from workbench.sandbox.processes import start_module; "
        "folder = pathlib.Path(sys.argv[1]); "
        "child = start_module(['sleeper'], cwd=folder, env={}, stderr=folder / 'errors'); "
        "print(child.stdout.readline().decode(), flush=True); time.sleep(60)"
    )
    judge = subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE)
    pid = int(judge.stdout.readline())
    judge.kill()
    judge.wait()

    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline, "the server still runs"
        time.sleep(0.05)


def test_a_module_that_ends_ends_its_child(tmp_path):
    (tmp_path / "brief.py").write_text("raise SystemExit(3)", encoding="utf-8")
    child = start_module(["brief"], cwd=tmp_path, env={}, stderr=tmp_path / "errors")

    assert child.wait(10) is not None


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # one that ended, and that nobody has waited for yet, does not count
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
