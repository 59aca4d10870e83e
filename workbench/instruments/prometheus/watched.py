"""What a Prometheus sees of the churn service: the series of instances that live through phases."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.instruments.prometheus.promtool import Counter, Series

SECONDS = (0.0025, 0.005, 0.025, 0.05, 0.1, 0.25, 1)
QUICK, NEAR, SLOW = 0.004, 0.04, 0.07  # two are within the objective of 50 ms, one is above it


@dataclass(frozen=True)
class Phase:
    """Some minutes in the life of an instance.

    `rate` is requests to /predict a minute; of them `failing` get a status of `statuses`, `refused`
    a 422, `near` take NEAR and `slow` take SLOW seconds, as shares. `score` is the mean probability.
    `checks` is requests to /ready a minute, of which `unready` get a 503, and take SLOW seconds.
    """

    minutes: float
    rate: float = 60.0
    failing: float = 0.0
    statuses: tuple[str, ...] = ("500", "503")
    refused: float = 0.0
    near: float = 0.0
    slow: float = 0.0
    score: float = 0.3
    checks: float = 6.0
    unready: float = 0.0
    is_up: bool = True
    is_gone: bool = False


def observe(lives: dict[str, list[Phase]], seconds: int = 15, job: str = "churn") -> Series:
    """What Prometheus sees of instances that live through these phases."""
    series: dict[str, Counter] = {}
    for instance, phases in lives.items():
        for phase in phases:
            samples = round(phase.minutes * 60 / seconds)
            for name, labels, step in _steps_of(phase, seconds / 60):
                where = f'job="{job}", instance="{instance}"'
                counter = series.setdefault(f"{name}{{{', '.join([where, *labels])}}}", Counter())
                if name == "up":
                    up = float(phase.is_up)
                    counter.miss(samples) if phase.is_gone else counter.hold(samples, up)
                elif phase.is_up and not phase.is_gone:
                    counter.grow(samples, step)
                else:
                    counter.miss(samples)
    return Series(seconds, series)


def _steps_of(phase: Phase, minutes: float) -> list[tuple[str, list[str], float]]:
    """By how much each series of an instance grows in `minutes`."""
    asked, checks = phase.rate * minutes, phase.checks * minutes
    answered = asked * (1 - phase.failing - phase.refused)
    failed = dict.fromkeys(phase.statuses, phase.failing / len(phase.statuses))
    steps = [("up", [], 0.0)]
    steps += _route("POST", "/predict", asked, failed | {"422": phase.refused}, phase)
    steps += _route("GET", "/ready", checks, {"503": phase.unready}, Phase(0, slow=phase.unready))
    steps += _route("GET", "/metrics", 4 * minutes, {}, Phase(0))
    version = ['model_version="v2"']
    churn = answered * phase.score
    outcomes = {"churn": churn, "stay": answered - churn, "error": asked * phase.failing}
    for outcome, count in outcomes.items():
        steps.append(("ml_predictions_total", [*version, f'outcome="{outcome}"'], count))
    steps += _histogram("ml_prediction_latency_seconds", version, answered, phase)
    steps.append(("ml_prediction_score_sum", version, answered * phase.score))
    steps.append(("ml_prediction_score_count", version, answered))
    for tenth in range(1, 11):
        within = min(1.0, tenth / 20 / phase.score)  # even between 0 and twice the mean
        bound = [*version, f'le="{tenth / 10}"']
        steps.append(("ml_prediction_score_bucket", bound, answered * within))
    steps.append(("ml_prediction_score_bucket", [*version, 'le="+Inf"'], answered))
    return steps


def _route(method: str, route: str, count: float, others: dict, phase: Phase) -> list[tuple]:
    """The series of one route; `others` are the shares of the statuses that are not 200."""
    where = [f'method="{method}"', f'route="{route}"']
    shares = {"200": 1 - sum(others.values())} | others
    requests = [
        ("http_requests_total", [*where, f'status="{status}"'], count * share)
        for status, share in shares.items()
    ]
    return requests + _histogram("http_request_duration_seconds", where, count, phase)


def _histogram(name: str, labels: list[str], count: float, phase: Phase) -> list[tuple]:
    shares = {QUICK: 1 - phase.near - phase.slow, NEAR: phase.near, SLOW: phase.slow}
    mean = sum(seconds * share for seconds, share in shares.items())
    steps = [(f"{name}_count", labels, count), (f"{name}_sum", labels, count * mean)]
    for bound in SECONDS:
        within = sum(share for seconds, share in shares.items() if seconds <= bound)
        steps.append((f"{name}_bucket", [*labels, f'le="{bound:g}"'], count * within))
    return [*steps, (f"{name}_bucket", [*labels, 'le="+Inf"'], count)]
