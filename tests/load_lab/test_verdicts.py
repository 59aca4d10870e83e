"""From what Locust left to a verdict: pure, on runs that never happened."""

import json

import pytest

from load_tests.objectives import Objectives
from load_tests.plot import draw_run
from load_tests.record import make_record
from load_tests.shapes import plan_stages
from load_tests.summary import told
from load_tests.timeline import Timeline, percentile

BEGAN = 1_700_000_000.25


def never(second: int) -> bool:
    return False


def run_of(shape, seconds, latency_of, *, users=40, failed=never, rate=10, **limits) -> dict:
    """The record of a run of `rate` requests a second whose latency is `latency_of(second)`."""
    stages = plan_stages(shape, users, seconds)
    timeline = Timeline()
    for second in range(seconds):
        for _ in range(rate):
            error = "broken" if failed(second) else None
            timeline.note(BEGAN + second, "POST /predict", latency_of(second), error)
    settings = {
        "shape": shape,
        "users": users,
        "run_seconds": seconds,
        "arrivals_per_second": None,
        "stages": [[stage.start, stage.end, stage.users] for stage in stages],
        "seed": "1",
        "host": "http://service",
        "objectives": vars(Objectives(**limits)),
        "processes": 1,
    }
    raw = {
        "started": BEGAN,
        "ended": BEGAN + seconds,
        "users": {str(int(BEGAN) + second): users for second in range(seconds)},
        "timeline": json.loads(json.dumps(timeline.drain())),
        "client": {"busiest_client_percent": 12.0, "client_was_busy": False},
    }
    return make_record(settings, raw)


def missed(record: dict) -> list[str]:
    return [miss["objective"] for miss in record["verdict"]["missed"]]


def test_a_percentile_is_the_smallest_latency_that_enough_requests_did_not_exceed():
    assert percentile({1.0: 50, 2.0: 45, 9.0: 5}, 0.5) == 1.0
    assert percentile({1.0: 50, 2.0: 45, 9.0: 5}, 0.95) == 2.0
    assert percentile({1.0: 50, 2.0: 45, 9.0: 5}, 0.951) == 9.0
    assert percentile({}, 0.5) is None


def test_two_workers_reports_add_up_to_one_timeline():
    whole, first, second = Timeline(), Timeline(), Timeline()
    for at, part in enumerate((first, second, first, first, second)):
        part.note(1000.5 + at // 2, "GET /ready", 3.21987, "broken" if at == 3 else None)
    for part in (first, second):
        whole.merge(json.loads(json.dumps(part.drain())))

    assert whole.total().latencies == {3.22: 5}
    assert (whole.total(end=1001).requests, whole.total().failures) == (2, 1)
    assert whole.errors == {("GET /ready", "broken"): 1}
    assert first.total().requests == 0


def test_a_run_at_its_limits_holds():
    limits = {"p50_ms": 20, "p95_ms": 20, "p99_ms": 20, "requests_per_second": 10}
    record = run_of("steady", 60, lambda second: 20, **limits)

    assert record["verdict"] == {"held": True, "missed": []}
    assert record["measured"]["requests_per_second"] == 10


def test_each_objective_can_be_missed():
    slow = run_of("steady", 100, lambda second: 500 if second >= 98 else 10, p99_ms=400)
    broken = run_of("steady", 100, lambda second: 10, failed=lambda second: second == 7)
    idle = run_of("steady", 100, lambda second: 10, requests_per_second=11)

    assert missed(slow) == ["p99_ms"]
    assert missed(broken) == []  # one in a hundred, which is the limit
    assert missed(run_of("steady", 99, lambda s: 1, failed=lambda s: s == 7)) == ["error_rate"]
    assert missed(idle) == ["requests_per_second"]


def test_a_run_without_requests_holds_nothing():
    stages = [[0, 5, 1]]
    settings = {"shape": "steady", "stages": stages, "users": 1, "arrivals_per_second": None}
    settings["objectives"] = vars(Objectives())
    raw = {"started": 5.0, "ended": 10.0, "users": {}, "timeline": Timeline().drain(), "client": {}}

    assert missed(make_record(settings, raw)) == ["p50_ms", "p95_ms", "p99_ms", "error_rate"]


def test_a_ramp_reports_the_best_throughput_held_and_what_broke_first():
    record = run_of("ramp-to-break", 40, lambda second: 10 if second < 21 else 400)
    ramp = record["ramp"]

    assert [bool(step["missed"]) for step in ramp["steps"]] == [False, False, True, True]
    assert (ramp["highest_requests_per_second_held"], ramp["users_held"]) == (10, 20)
    assert [miss["objective"] for miss in ramp["broke_first"]["missed"]] == ["p50_ms", "p95_ms"]
    assert record["verdict"]["held"]
    assert "Broke first, at 30 users: p50_ms was 400 (limit 100)" in told(record)


def test_a_ramp_that_never_held_or_held_too_little_misses():
    assert missed(run_of("ramp-to-break", 40, lambda second: 400)) == ["p50_ms", "p95_ms"]
    least = run_of("ramp-to-break", 40, lambda second: 10, requests_per_second=11)
    assert missed(least) == ["requests_per_second"]


def test_a_ramp_that_did_not_break_says_that_the_limit_is_higher():
    record = run_of("ramp-to-break", 40, lambda second: 10)

    assert record["ramp"]["broke_first"] is None
    assert "the limit is higher" in told(record)


def test_a_soak_compares_its_first_quarter_with_its_last():
    record = run_of("soak", 40, lambda second: 10 + second)

    assert record["drift"]["ratio"] == pytest.approx(49 / 19, rel=0.06)


def test_arrivals_that_were_never_sent_are_a_miss():
    timeline = Timeline()
    timeline.note(1000.5, "POST /predict", 1.0, None)
    timeline.unsent = 3
    settings = {"shape": "steady", "stages": [[0, 5, 1]], "users": 1, "arrivals_per_second": 2}
    settings["objectives"] = vars(Objectives())
    raw = {"started": 1000.0, "ended": 1005.0, "users": {}, "timeline": timeline.drain()}

    assert missed(make_record(settings, raw | {"client": {}})) == ["share of arrivals never sent"]


def test_a_plot_is_drawn_even_of_a_run_with_failures_or_without_requests(tmp_path):
    broken = run_of("spike", 20, lambda second: 10, failed=lambda second: second == 3)
    for number, record in enumerate((broken, run_of("spike", 20, lambda second: 10, rate=0))):
        draw_run(record, tmp_path / f"{number}.png")
        assert (tmp_path / f"{number}.png").read_bytes().startswith(b"\x89PNG")
