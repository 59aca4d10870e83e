"""What the alerts do, judged by promtool on series of our own: faults, and days without one.

Beside each fault stands what may hide it: a busy job with metrics of the same names, busy other routes.
When a rule is wrong, the check takes these away one by one: which of them it was is told.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.boundary.outcomes import mismatch
from workbench.instruments.prometheus.promtool import Series, check_rules, watch_alerts
from workbench.instruments.prometheus.watched import NEAR, QUICK, SLOW, Phase, observe

FILE = "deploy/alerts.yml"
SEVERITIES = {
    "ChurnServiceDown": "page",
    "ChurnErrorRate": "page",
    "ChurnSlowRequests": "page",
    "ChurnNoPredictions": "ticket",
    "ChurnScoreShift": "ticket",
}
SHARES = {"a:5000": 0.6, "b:5000": 0.4}  # of the traffic
BUSY_CHECKS = 900.0
SHOP = "a job shop, whose metrics have the same names, is well and busy"
LOOKS = {
    "neighbour": "the label `job` of every metric in {alert}: without the job shop, whose metrics have "
    "the same names, it does what it should",
    "checks": "the label `route` of every metric in {alert}: with few and healthy requests to /ready it "
    "does what it should",
    "statuses": "which statuses {alert} counts as errors: with 500 alone it does what it should, and 503 is "
    "one too",
}


@dataclass(frozen=True)
class Scene:
    """What the instances of the service live through, and how often Prometheus looks.

    `checks` is requests to /ready a minute, and `neighbour` the life of an instance of another job.
    """

    lives: dict[str, list[Phase]]
    seconds: int = 30
    checks: float = BUSY_CHECKS
    neighbour: tuple[Phase, ...] = ()

    def series(self, without: str = "") -> Series:
        """What Prometheus sees; `without` leaves out one thing of LOOKS that may hide a fault."""
        changed: dict = {"checks": self.checks}
        if without == "checks":
            changed = {"checks": 6.0, "unready": 0.0}
        if without == "statuses":
            changed["statuses"] = ("500",)
        lives = {
            instance: [replace(p, **changed) for p in phases]
            for instance, phases in self.lives.items()
        }
        values = observe(lives, self.seconds).values
        if self.neighbour and without != "neighbour":
            values |= observe({"shop:80": list(self.neighbour)}, self.seconds, job="shop").values
        return Series(self.seconds, values)

    def hides(self) -> list[str]:
        """What of LOOKS is in this scene."""
        phases = [phase for life in self.lives.values() for phase in life]
        there = {
            "neighbour": bool(self.neighbour),
            "checks": self.checks > 0,
            "statuses": any(phase.failing for phase in phases),
        }
        return [name for name, is_there in there.items() if is_there]


def all_live(*phases: Phase) -> dict[str, list[Phase]]:
    """Both instances live through the phases, whose `rate` is that of the two together."""
    return {
        instance: [replace(phase, rate=phase.rate * share) for phase in phases]
        for instance, share in SHARES.items()
    }


def one_lives(before: Phase, after: Phase) -> dict[str, list[Phase]]:
    """As `all_live`, but only the instance with less traffic meets what comes after."""
    lives = all_live(before, after)
    lives["a:5000"][1] = replace(lives["a:5000"][0], minutes=after.minutes)
    return lives


def look_at(look: str, alert: str, scene: Scene, is_right: Callable[[Series], bool]) -> str:
    """Where to look: at what the alert forgot, when it is right without that; else at `look`."""
    for name in scene.hides():
        if is_right(scene.series(without=name)):
            return LOOKS[name].format(alert=alert)
    return look


@functools.cache
def rules_of(project) -> Path:
    """The file of rules, once promtool can read it."""
    rules = project.folder / FILE
    check_rules(rules)
    return rules


def expect_fires(project, alert: str, what: str, scene: Scene, began: int, within: int, look: str):
    """The alert is quiet until minute `began`, and fires `within` minutes later, labelled as asked."""
    rules, did = rules_of(project), f"The check let this happen from minute {began} on: {what}"

    def watched(series: Series):
        return watch_alerts(rules, series, [alert], until=began - 1, and_at=began + within)

    def is_right(series: Series) -> bool:
        told = watched(series)
        return bool(told.firing) and not told.fired

    told = watched(scene.series())
    if told.fired:
        got = f"{alert} fired before that"
        look = look_at(look, alert, scene, is_right)
        raise mismatch(did, got=got, expected="quiet till then", look=look)
    if not told.firing:
        got = f"{alert} did not fire {within} minutes later"
        if alert not in rules.read_text(encoding="utf-8").partition("\ngroups:")[2]:
            got += "; no rule of that name is in the file"
        else:
            look = look_at(look, alert, scene, is_right)
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


def expect_quiet(project, what: str, scene: Scene, minutes: int, looks: dict[str, str]) -> None:
    """None of the alerts fires at any moment; `looks` by alert says where to look when it does."""
    rules = rules_of(project)
    fired = watch_alerts(rules, scene.series(), SEVERITIES, until=minutes).fired
    for alert in SEVERITIES:
        if alert in fired:

            def is_right(series: Series, alert: str = alert) -> bool:
                return not watch_alerts(rules, series, [alert], until=minutes).fired

            look = look_at(looks.get(alert) or looks[""], alert, scene, is_right)
            did = f"The check let this happen: {what}"
            raise mismatch(did, got=f"{alert} fired", expected="no alert at all", look=look)


def test_an_instance_that_is_down_is_noticed(project, rng):
    """ChurnServiceDown fires when one instance of two cannot be scraped"""
    began = rng.randint(8, 15)
    scene = Scene(one_lives(Phase(began), Phase(40 - began, is_up=False)), 15)
    what = "one of two instances stays down"
    look = "`up` is 0 for a target that does not answer"
    expect_fires(project, "ChurnServiceDown", what, scene, began, 10, look)


def test_errors_are_noticed(project, rng):
    """ChurnErrorRate fires at 6 % of errors, and not at 4 %"""
    began, failing = rng.randint(15, 25), rng.uniform(0.105, 0.115)
    scene = Scene(one_lives(Phase(began), Phase(40, failing=failing)))
    overall = failing * SHARES["b:5000"]
    what = f"of two instances one fails {failing:.1%} of its requests, {overall:.1%} in all"
    look = "whether the instances are added up before one sum is divided by the other"
    expect_quiet(project, what, scene, began + 40, {"": look})
    failing = rng.uniform(0.06, 0.07)
    lives = all_live(Phase(began, rate=120), Phase(40, rate=120, failing=failing))
    scene = Scene(lives, neighbour=(Phase(began + 40, rate=900),))
    what = (
        f"{failing:.1%} of the requests to /predict get a 500 or a 503; those to /ready are many and "
        f"healthy, and {SHOP}"
    )
    look = "the share: failed requests to /predict by all requests to /predict, both as rates"
    expect_fires(project, "ChurnErrorRate", what, scene, began, 10, look)


def test_slow_requests_are_noticed(project, rng):
    """ChurnSlowRequests fires when 2 % are slow, and not when 0.7 % are"""
    began, slow = rng.randint(15, 25), rng.uniform(0.016, 0.02)
    lives = all_live(Phase(began, rate=120), Phase(40, rate=120, slow=slow))
    scene = Scene(lives, neighbour=(Phase(began + 40, rate=900),))
    what = (
        f"{slow:.1%} of the requests to /predict take {SLOW:g} s, the others {QUICK:g} s; those to "
        f"/ready are many and fast, and {SHOP}"
    )
    look = "the 99th percentile of /predict, from the rates of the buckets added up by `le`"
    expect_fires(project, "ChurnSlowRequests", what, scene, began, 10, look)
    slow, near = rng.uniform(0.015, 0.018), 0.05
    scene = Scene(one_lives(Phase(began, near=near), Phase(40, near=near, slow=slow)))
    overall = slow * SHARES["b:5000"]
    what = (
        f"{near:.0%} of the requests to /predict take {NEAR:g} s, and of two instances one answers "
        f"{slow:.1%} in {SLOW:g} s, {overall:.2%} in all"
    )
    look = (
        "the quantile, and whether the instances are added up: 99 of 100 requests are within the "
        "objective here"
    )
    expect_quiet(project, what, scene, began + 40, {"": look})


def test_silence_is_noticed(project, rng):
    """ChurnNoPredictions fires when nobody asks for an hour, though the service is up"""
    began = rng.randint(70, 90)
    neighbour = (Phase(began + 90, rate=900),)
    scene = Scene(all_live(Phase(began), Phase(90, rate=0)), 60, neighbour=neighbour)
    what = f"no more requests to /predict come; health checks and scrapes go on, and {SHOP}"
    look = "what counts predictions: scrapes and health checks are requests too"
    expect_fires(project, "ChurnNoPredictions", what, scene, began, 76, look)


def test_a_shift_of_the_scores_is_noticed(project, rng):
    """ChurnScoreShift fires when the mean score moves by 0.11, up or down, and not at 0.09"""
    day, mean, rate = 25 * 60 + 30, rng.uniform(0.43, 0.5), rng.uniform(2.0, 2.2)
    before, moved = Phase(day, rate=rate, score=mean), rng.uniform(0.111, 0.114)
    neighbour = (Phase(day + 150, rate=900, score=0.7),)
    for by in (moved, -moved):
        lives = all_live(before, Phase(150, rate=rate, score=mean + by))
        scene = Scene(lives, 300, neighbour=neighbour)
        what = (
            f"after a day with a mean score of {mean:.3f} it is {mean + by:.3f}, of {60 * rate:.0f} "
            f"predictions an hour; beside the service {SHOP}"
        )
        look = "the mean: the growth of the sum by the growth of the count, and from how many on"
        if by < 0:
            look = "the sign of the difference: scores may fall too"
        expect_fires(project, "ChurnScoreShift", what, scene, day, 120, look)
    by = rng.uniform(0.086, 0.09)
    after = Phase(150, rate=rate, score=mean + by / SHARES["b:5000"])
    what = f"the mean score of one instance of two moves, that of both from {mean:.3f} to {mean + by:.3f}"
    look = "the threshold, which is 0.1, and whether the instances are added up before the division"
    scene = Scene(one_lives(before, after), 300)
    expect_quiet(project, what, scene, day + 150, {"": look})


def test_a_deployment_wakes_nobody(project):
    """A deployment wakes nobody: targets fail for a minute, counters begin again at 0"""
    old = [Phase(30), Phase(1, is_up=False), Phase(29, is_gone=True)]
    restarted = [Phase(33), Phase(0.75, is_up=False), Phase(26.25)]
    new = [Phase(29, is_gone=True), Phase(0.5, is_up=False), Phase(30.5)]
    scene = Scene({"a:5000": old, "b:5000": restarted, "c:5000": new}, 15)
    what = "instances are replaced one after the other; each may fail to answer for a minute"
    looks = {"ChurnServiceDown": "`for:` of the rule: a minute is no outage"}
    looks[""] = "functions that know about counters starting again: `rate` and `increase`"
    expect_quiet(project, what, scene, 60, looks)


def test_a_burst_wakes_nobody(project):
    """A burst of twenty times the traffic wakes nobody"""
    quiet = Phase(25, failing=0.01)
    scene = Scene(all_live(quiet, replace(quiet, minutes=10, rate=20 * quiet.rate), quiet))
    look = "whether the rule asks for a share or for a number: twenty times as many is no fault"
    what = "ten minutes with twenty times the traffic; 1 % of it fails, as it did before"
    expect_quiet(project, what, scene, 60, {"": look})


def test_a_night_wakes_nobody(project, rng):
    """A night wakes nobody: few requests, and what happens to one of them means little"""
    day, silent, rate = 3 * 60, Phase(30, rate=0), rng.uniform(2.2, 2.4)
    few = Phase(30, rate=rate, failing=0.2, slow=0.2, score=0.45)
    minutes = day + 390
    neighbour = (Phase(minutes, rate=900),)
    scene = Scene(all_live(Phase(day), *[silent, few] * 6, silent), 60, neighbour=neighbour)
    what = (
        f"after a busy day half an hour without a request, then half an hour with {rate:.1f} a minute, six "
        "times over; of them a fifth fail, a fifth are slow, and the scores are unlike the day's; beside "
        f"the service {SHOP}"
    )
    scrapes = "; scrapes and health checks, which go on all night, are not asked of the model"
    looks = {
        "ChurnErrorRate": f"how many requests a share of errors needs to mean something{scrapes}",
        "ChurnSlowRequests": f"how many requests a percentile needs to mean something{scrapes}",
        "ChurnNoPredictions": "how long a silence must last: the contract says an hour",
        "ChurnScoreShift": "how many predictions the hour must have had to mean something",
        "": "whether anything is wrong with the service itself",
    }
    expect_quiet(project, what, scene, minutes, looks)


def test_little_traffic_hides_no_fault(project, rng):
    """Errors and slow requests are noticed from 3 requests a minute on"""
    began, rate = rng.randint(15, 25), rng.uniform(3.7, 3.9)
    scene = Scene(all_live(Phase(began, rate=rate), Phase(11, rate=rate, failing=0.2, slow=0.2)))
    asked, rules = ("ChurnErrorRate", "ChurnSlowRequests"), rules_of(project)
    fired = watch_alerts(rules, scene.series(), asked, until=began + 10).fired
    for alert in asked:
        if alert not in fired:
            raise mismatch(
                f"The check let this happen from minute {began} on: of {rate:.1f} requests to /predict a "
                "minute, two instances together, a fifth fail and a fifth are slow",
                got=f"{alert} did not fire 10 minutes later",
                expected=f"{alert} fires",
                look=f"the least traffic that {alert} asks for: 3 requests a minute, of all instances "
                "added up",
            )


def test_the_faults_of_others_wake_nobody(project):
    """Callers' mistakes, other routes' and other jobs' faults wake nobody"""
    after = Phase(40, refused=0.6, unready=0.6)
    look = "which statuses are errors of the service: those of 500 and above"
    what = (
        "60 % of the requests to /predict are refused with 422; of those to /ready 60 % get a 503 and "
        f"take {SLOW:g} s"
    )
    expect_quiet(project, what, Scene(all_live(Phase(20), after)), 60, {"": look})
    faulty = (
        Phase(20, rate=900),
        Phase(15, rate=900, failing=0.5, slow=0.5),
        Phase(15, is_up=False),
    )
    look = 'the label `job`: this Prometheus watches others too, and ours is `job="churn"`'
    what = "instances of the job shop fail, and then one is down"
    scene = Scene(all_live(Phase(50)), neighbour=faulty)
    expect_quiet(project, what, scene, 50, {"": look})
