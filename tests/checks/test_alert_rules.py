"""What the alerts do, judged by promtool on series of our own: faults, and days without one."""

from dataclasses import dataclass, replace

from workbench.judging.outcomes import mismatch
from workbench.judging.promtool import Counter, Series, check_rules, watch_alerts

FILE = "deploy/alerts.yml"
SEVERITIES = {
    "ChurnServiceDown": "page",
    "ChurnErrorRate": "page",
    "ChurnSlowRequests": "page",
    "ChurnNoPredictions": "ticket",
    "ChurnScoreShift": "ticket",
}
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
QUICK, SLOW = 0.004, 0.2


@dataclass(frozen=True)
class Phase:
    """Some minutes in the life of an instance.

    `rate` is requests to /predict a minute; of them `failing` get a 500, `refused` a 422, and `slow`
    take SLOW seconds, as shares. `score` is the mean probability.
    """

    minutes: float
    rate: float = 60.0
    failing: float = 0.0
    refused: float = 0.0
    slow: float = 0.0
    score: float = 0.3
    is_up: bool = True
    is_gone: bool = False


def observe(lives: dict[str, list[Phase]], seconds: int = 15, job: str = "churn") -> Series:
    """What Prometheus sees of instances that live through these phases."""
    series: dict[str, Counter] = {}
    for instance, phases in lives.items():
        for phase in phases:
            samples = round(phase.minutes * 60 / seconds)
            steps = steps_of(phase, seconds / 60)
            for name, labels, step in steps:
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


def steps_of(phase: Phase, minutes: float) -> list[tuple[str, list[str], float]]:
    """By how much each series of an instance grows in `minutes`."""
    asked = phase.rate * minutes
    answered = asked * (1 - phase.failing - phase.refused)
    steps = [("up", [], 0.0)]
    routes = (("POST", "/predict", asked), ("GET", "/metrics", 4 * minutes))
    routes += (("GET", "/health", 6 * minutes), ("GET", "/ready", 6 * minutes))
    for method, route, count in routes:
        where = [f'method="{method}"', f'route="{route}"']
        shares = {"200": 1.0}
        slow = 0.0
        if route == "/predict":
            shares = {"500": phase.failing, "422": phase.refused}
            shares["200"] = 1 - sum(shares.values())
            slow = phase.slow
        for status, share in shares.items():
            steps.append(("http_requests_total", [*where, f'status="{status}"'], count * share))
        steps += histogram("http_request_duration_seconds", where, count, slow)
    version = ['model_version="v2"']
    churn = answered * phase.score
    outcomes = {"churn": churn, "stay": answered - churn, "error": asked * phase.failing}
    for outcome, count in outcomes.items():
        steps.append(("ml_predictions_total", [*version, f'outcome="{outcome}"'], count))
    steps += histogram("ml_prediction_latency_seconds", version, answered, phase.slow)
    steps.append(("ml_prediction_score_sum", version, answered * phase.score))
    steps.append(("ml_prediction_score_count", version, answered))
    for tenth in range(1, 11):
        within = min(1.0, tenth / 20 / phase.score)  # even between 0 and twice the mean
        bound = [*version, f'le="{tenth / 10}"']
        steps.append(("ml_prediction_score_bucket", bound, answered * within))
    steps.append(("ml_prediction_score_bucket", [*version, 'le="+Inf"'], answered))
    return steps


def histogram(name: str, labels: list[str], count: float, slow: float) -> list[tuple]:
    steps = [(f"{name}_count", labels, count)]
    steps.append((f"{name}_sum", labels, count * (slow * SLOW + (1 - slow) * QUICK)))
    for bound in SECONDS:
        within = 0.0 if bound < QUICK else 1.0 if bound >= SLOW else 1 - slow
        steps.append((f"{name}_bucket", [*labels, f'le="{bound:g}"'], count * within))
    return [*steps, (f"{name}_bucket", [*labels, 'le="+Inf"'], count)]


def two(*phases: Phase) -> dict[str, list[Phase]]:
    """Two instances with the same life."""
    return {"a:5000": list(phases), "b:5000": list(phases)}


def total(phases: list[Phase]) -> int:
    return int(sum(phase.minutes for phase in phases))


def expect_fires(
    project, alert: str, what: str, series: Series, began: int, within: int, look: str
):
    """The alert is quiet until minute `began`, and fires `within` minutes later, labelled as asked."""
    rules, did = project.folder / FILE, f"The check let this happen from minute {began} on: {what}"
    check_rules(rules)
    told = watch_alerts(rules, series, [alert], until=began - 1, and_at=began + within)
    if told.fired:
        got = f"{alert} fired before that"
        raise mismatch(did, got=got, expected="quiet till then", look=look)
    if not told.firing:
        got = f"{alert} did not fire {within} minutes later"
        if alert not in rules.read_text(encoding="utf-8").partition("\ngroups:")[2]:
            got += "; no rule of that name is in the file"
        raise mismatch(did, got=got, expected=f"{alert} fires", look=look)
    firing = told.firing
    severity = firing[0].labels.get("severity", "none")
    if severity != SEVERITIES[alert]:
        got = f"{alert} fired with the severity {severity!r}"
        look = "`labels:` of the rule: who is told, and when, hangs on it"
        raise mismatch(did, got=got, expected=repr(SEVERITIES[alert]), look=look)
    summary = firing[0].annotations.get("summary", "")
    if len(summary.split()) < 3 or "<error" in summary or "<no value>" in summary:
        got = f"{alert} fired with the summary {summary!r}"
        look = "`annotations:` of the rule, and the names in its template"
        raise mismatch(did, got=got, expected="a sentence for the one who is woken", look=look)


def expect_quiet(project, what: str, series: Series, minutes: int, looks: dict[str, str]) -> None:
    """None of the alerts fires at any moment; `looks` by alert says where to look when it does."""
    rules = project.folder / FILE
    check_rules(rules)
    fired = watch_alerts(rules, series, SEVERITIES, until=minutes).fired
    for alert in SEVERITIES:
        if alert in fired:
            look = looks.get(alert) or looks[""]
            did = f"The check let this happen: {what}"
            raise mismatch(did, got=f"{alert} fired", expected="no alert at all", look=look)


def test_an_instance_that_is_down_is_noticed(project, rng):
    """ChurnServiceDown fires when one instance of two cannot be scraped"""
    began = rng.randint(8, 15)
    lives = two(Phase(40))
    lives["b:5000"] = [Phase(began), Phase(40 - began, is_up=False)]
    what = "one of two instances stays down"
    look = "`up` is 0 for a target that does not answer"
    expect_fires(project, "ChurnServiceDown", what, observe(lives), began, 10, look)


def test_errors_are_noticed(project, rng):
    """ChurnErrorRate fires at 8 % of errors, and not at 4 %"""
    began, failing = rng.randint(15, 25), rng.uniform(0.08, 0.095)
    lives = two(Phase(began), Phase(40, failing=failing))
    what = f"{failing:.1%} of the requests to /predict get a 500"
    look = "the share: failed requests to /predict by all requests to /predict, both as rates"
    expect_fires(project, "ChurnErrorRate", what, observe(lives), began, 10, look)
    lives["b:5000"] = [Phase(began + 40)]
    what = f"of two instances one fails {failing:.1%} of its requests, {failing / 2:.1%} in all"
    look = "whether the instances are added up before one sum is divided by the other"
    expect_quiet(project, what, observe(lives), began + 40, {"": look})


def test_slow_requests_are_noticed(project, rng):
    """ChurnSlowRequests fires when 3 % are slow, and not when 0.5 % are"""
    began, slow = rng.randint(15, 25), rng.uniform(0.03, 0.05)
    lives = two(Phase(began), Phase(40, slow=slow))
    what = f"{slow:.1%} of the requests to /predict take {SLOW:g} s, the others {QUICK:g} s"
    look = "the 99th percentile of /predict, from the rates of the buckets added up by `le`"
    expect_fires(project, "ChurnSlowRequests", what, observe(lives), began, 10, look)
    lives = two(Phase(began), Phase(40, slow=0.005))
    what = f"0.5 % of the requests to /predict take {SLOW:g} s, the others {QUICK:g} s"
    look = "the quantile: 99 of 100 requests are within the objective here"
    expect_quiet(project, what, observe(lives), began + 40, {"": look})


def test_silence_is_noticed(project, rng):
    """ChurnNoPredictions fires when nobody asks for an hour, though the service is up"""
    began = rng.randint(70, 90)
    series = observe(two(Phase(began), Phase(90, rate=0)), seconds=60)
    what = "no more requests to /predict come; health checks and scrapes go on"
    look = "what counts predictions: scrapes and health checks are requests too"
    expect_fires(project, "ChurnNoPredictions", what, series, began, 76, look)


def test_a_shift_of_the_scores_is_noticed(project, rng):
    """ChurnScoreShift fires when the mean score moves by 0.2, up or down, and not at 0.05"""
    day, mean = 26 * 60, rng.uniform(0.35, 0.45)
    for moved in (0.2, -0.2):
        lives = two(Phase(day, score=mean), Phase(150, score=mean + moved))
        what = f"after a day with a mean score of {mean:.2f} it is {mean + moved:.2f}"
        look = "the mean: the growth of the sum by the growth of the count"
        if moved < 0:
            look = "the sign of the difference: scores may fall too"
        expect_fires(project, "ChurnScoreShift", what, observe(lives, 240), day, 120, look)
    lives = two(Phase(day, score=mean), Phase(150, score=mean + 0.05))
    what = f"the mean score goes from {mean:.2f} to {mean + 0.05:.2f}"
    expect_quiet(project, what, observe(lives, 240), day + 150, {"": "the threshold, which is 0.1"})


def test_a_deployment_wakes_nobody(project):
    """A deployment wakes nobody: targets fail for a minute, counters begin again at 0"""
    old = [Phase(30), Phase(1, is_up=False), Phase(29, is_gone=True)]
    restarted = [Phase(33), Phase(0.75, is_up=False), Phase(26.25)]
    new = [Phase(29, is_gone=True), Phase(0.5, is_up=False), Phase(30.5)]
    series = observe({"a:5000": old, "b:5000": restarted, "c:5000": new})
    what = "instances are replaced one after the other; each may fail to answer for a minute"
    looks = {"ChurnServiceDown": "`for:` of the rule: a minute is no outage"}
    looks[""] = "functions that know about counters starting again: `rate` and `increase`"
    expect_quiet(project, what, series, 60, looks)


def test_a_burst_wakes_nobody(project):
    """A burst of twenty times the traffic wakes nobody"""
    quiet = Phase(25, failing=0.01)
    series = observe(two(quiet, replace(quiet, minutes=10, rate=1200), quiet))
    look = "whether the rule asks for a share or for a number: twenty times as many is no fault"
    what = "ten minutes with twenty times the traffic; 1 % of it fails, as it did before"
    expect_quiet(project, what, series, 60, {"": look})


def test_a_night_wakes_nobody(project):
    """A night wakes nobody: few requests, and what happens to one of them means little"""
    day, silent = 8 * 60, Phase(30, rate=0)
    few = Phase(30, rate=0.5, failing=0.2, slow=0.2, score=0.7)
    series = observe(two(Phase(day, rate=30), *[silent, few] * 6, Phase(30, rate=30)), seconds=120)
    what = (
        "after a busy day half an hour without a request, then half an hour with one a minute, six "
        "times over; of them a fifth fail, a fifth are slow, and the scores are unlike the day's"
    )
    scrapes = "; scrapes and health checks, which go on all night, are not asked of the model"
    looks = {
        "ChurnErrorRate": f"how many requests a share of errors needs to mean something{scrapes}",
        "ChurnSlowRequests": f"how many requests a percentile needs to mean something{scrapes}",
        "ChurnNoPredictions": "how long a silence must last: the contract says an hour",
        "ChurnScoreShift": "how many predictions the hour must have had to mean something",
        "": "whether anything is wrong with the service itself",
    }
    expect_quiet(project, what, series, day + 390, looks)


def test_the_faults_of_others_wake_nobody(project):
    """Callers' mistakes and other jobs' faults wake nobody"""
    series = observe(two(Phase(20), Phase(40, refused=0.6)))
    look = "which statuses are errors of the service: those of 500 and above"
    what = "60 % of the requests are refused with 422"
    expect_quiet(project, what, series, 60, {"": look})
    shop = {"shop:80": [Phase(20, rate=900), Phase(30, rate=900, failing=0.5, slow=0.5)]}
    shop["cart:80"] = [Phase(20), Phase(30, is_up=False)]
    others = observe(shop, job="shop").values
    series = Series(15, observe(two(Phase(50))).values | others)
    look = 'the label `job`: this Prometheus watches others too, and ours is `job="churn"`'
    expect_quiet(project, "instances of the job shop fail, and one is down", series, 50, {"": look})
