"""What load_tests/capacity.py must compute, held against exact fractions of the same decimals."""

import math
import re
from fractions import Fraction

MODULE = "load_tests.capacity"
DAY = 86_400
RELATIVE = 1e-9
SENSE = {
    "peak_rate": {"requests_per_day": 1e6, "peak_factor": 3.0},
    "busy_cores": {"rate": 40.0, "cpu_seconds_per_request": 0.02},
    "requests_in_flight": {"rate": 40.0, "latency_seconds": 0.05},
    "users_for": {"rate": 40.0, "latency_seconds": 0.05, "think_seconds": 0.3},
    "instances": {
        "requests_per_day": 1e6,
        "peak_factor": 3.0,
        "cpu_seconds_per_request": 0.02,
        "cores_per_instance": 2.0,
        "utilisation_limit": 0.7,
        "spare": 1,
    },
}
NO_NUMBER = (math.nan, math.inf, -math.inf)
NONSENSE = {
    "requests_per_day": (0, -1000),
    "peak_factor": (0.5, 0, -2),
    "rate": (0, -3.5),
    "cpu_seconds_per_request": (0, -0.01),
    "latency_seconds": (0, -0.2),
    "think_seconds": (-0.1,),
    "cores_per_instance": (0, -2),
    "utilisation_limit": (0, -0.7, 1.01, 70),
    "spare": (-1,),
}


def decimal(rng, least: float, most: float, places: int) -> float:
    return round(rng.uniform(least, most), places)


def exact(value: float) -> Fraction:
    return Fraction(str(value))


def draw_plan(rng) -> list[float]:
    """Arguments of `instances` without the spare ones."""
    return [
        rng.choice([1_000_000, DAY * rng.randint(1, 60)]),
        rng.choice([1, 1.5, 2, 3, 4, 5, decimal(rng, 1, 6, 1)]),
        decimal(rng, 0.001, 0.2, 3),
        rng.choice([0.5, 1, 2, 4, 1.5]),
        rng.choice([0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9, 1]),
    ]


def needed(plan: list[float]) -> Fraction:
    """The exact number of instances before rounding."""
    per_day, factor, seconds, cores, limit = map(exact, plan)
    return per_day / DAY * factor * seconds / (cores * limit)


def floats_say(plan: list[float]) -> float:
    per_day, factor, seconds, cores, limit = plan
    return per_day / DAY * factor * seconds / (cores * limit)


def approximately(answer, expected: float, look: str) -> None:
    answer.equals(expected, tolerance=abs(expected) * RELATIVE, look=look)


def test_the_rate_at_the_peak(call, rng):
    """peak_rate: the requests per second at the busiest time"""
    for per_day, factor in ((1_000_000, 1), (rng.randint(10**4, 10**8), decimal(rng, 1, 8, 2))):
        expected = float(exact(per_day) / DAY * exact(factor))
        look = "a day has 86,400 seconds; the peak is a multiple of the mean"
        approximately(call(MODULE, "peak_rate", per_day, factor), expected, look)


def test_the_two_laws(call, rng):
    """busy_cores and requests_in_flight: the utilisation law and Little's law"""
    for name, unit in (("busy_cores", "U = X * S"), ("requests_in_flight", "N = X * R")):
        rate, seconds = decimal(rng, 1, 500, 1), decimal(rng, 0.001, 2, 3)
        expected = float(exact(rate) * exact(seconds))
        look = f"{unit}, all in seconds and requests per second"
        approximately(call(MODULE, name, rate, seconds), expected, look)


def test_users_for_a_rate(call, rng):
    """users_for: enough simulated users, rounded up"""
    look = "a user's round is the answer and the thinking"
    call(MODULE, "users_for", 10, 0.5, 0.5).equals(10, look=look)
    drawn = []
    while len(drawn) < 8:
        rate, latency = decimal(rng, 1, 300, 1), decimal(rng, 0.01, 1, 2)
        think = rng.choice([0, decimal(rng, 0.1, 2, 2)])
        exactly = exact(rate) * (exact(latency) + exact(think))
        if exactly % 1 == 0 or 0.03 < exactly % 1 < 0.97:
            drawn.append(((rate, latency, think), exactly))
    drawn.append(((4.1, 0.1, 0.9), Fraction("4.1")))
    for arguments, exactly in drawn:
        look = f"{float(exactly):g} before rounding; half a user makes no request"
        call(MODULE, "users_for", *arguments).equals(math.ceil(exactly), look=look)


def test_instances_for_the_peak(call, rng):
    """instances: the peak is carried, every core at or below its limit"""
    plans = []
    while len(plans) < 12:
        plan = draw_plan(rng)
        if 0.01 < needed(plan) % 1 < 0.99 and (plans or plan[1] == 1):  # one has no peak
            plans.append(plan)
    for plan in plans:
        expected = max(1, math.ceil(needed(plan)))
        answer = call(MODULE, "instances", *plan, spare=0)
        look = (
            f"{float(needed(plan) * exact(plan[3]) * exact(plan[4])):.4g} cores are busy at the peak; one "
            f"instance may use {float(exact(plan[3]) * exact(plan[4])):.4g} of its {plan[3]:g}"
        )
        answer.equals(expected, look=look)


def test_an_instance_at_its_limit_is_not_too_much(call, rng):
    """instances: exactly at the limit is enough, and float noise does not add one"""
    cases = [[DAY * 30, 1, 0.01, 1, 0.1], [DAY * 10, 3, 0.1, 2, 0.5]]
    while len(cases) < 14:
        plan = draw_plan(rng)
        noisy = math.ceil(floats_say(plan)) > needed(plan)
        if needed(plan) % 1 == 0 and (noisy or len(cases) < 6):
            cases.append(plan)
    for plan in cases:
        answer = call(MODULE, "instances", *plan, spare=0)
        look = f"the quotient is {int(needed(plan))} but for float noise: in floats it may be a hair above"
        answer.equals(int(needed(plan)), look=look)


def test_a_little_more_than_the_limit_asks_for_one_more(call, rng):
    """instances: a thousandth above the limit asks for one more"""
    for whole in (*rng.sample(range(1, 30), 3), 38):
        plan = [DAY * 1000 * whole + DAY, 1, 0.001, 1, 1]
        answer = call(MODULE, "instances", *plan, spare=0)
        answer.equals(whole + 1, look="how the quotient is rounded: only noise may be forgiven")


def test_spare_instances(call, rng):
    """instances: one spare by default, as many as asked, one working in any case"""
    plan = draw_plan(rng)  # one whose headroom, peak and rounding all matter
    while not (plan[1] > 1 and needed(plan) > 1 and 0.01 < needed(plan) % 1 < 0.45) or (
        math.ceil(needed(plan)) == math.ceil(needed(plan) * exact(plan[4]))
    ):
        plan = draw_plan(rng)
    working = math.ceil(needed(plan))
    look = "`spare`: it is added after rounding, and its default is 1"
    call(MODULE, "instances", *plan).equals(working + 1, look=look)
    spare = rng.randint(2, 9)
    call(MODULE, "instances", *plan, spare=spare).equals(working + spare, look=look)
    tiny = [rng.randint(10, 500), 2, 0.005, 4, 0.7]
    look = "a service of few requests: its working instance and its spare one"
    call(MODULE, "instances", *tiny).equals(2, look=look)


def refused(call, function: str, changes: dict, error: str, first: str) -> None:
    answer = call(MODULE, function, **(SENSE[function] | changes))
    message = answer.raises(error, look=f"what the docstring says of {first}")
    if not re.match(rf"{first}\b", message):
        raise answer.fails(
            f"It raised {error} with the message {message!r}",
            f"a message that begins with {first}",
            "which argument is looked at first, and how the message begins",
        )


def test_nonsense_is_refused_by_name(call, rng):
    """A number that cannot be true raises Nonsense and names its argument"""
    for function, arguments in SENSE.items():
        for name in arguments:
            endless = () if name == "spare" else NO_NUMBER
            for value in (*NONSENSE[name], *endless):
                refused(call, function, {name: value}, "Nonsense", name)


def test_what_is_no_number_is_refused(call, rng):
    """A bool, a text or None raises TypeError and names its argument"""
    for function, arguments in SENSE.items():
        for name in arguments:
            for value in (True, rng.choice(["7", "1e6"]), None):
                refused(call, function, {name: value}, "TypeError", name)
    refused(call, "instances", {"spare": 1.5}, "TypeError", "spare")


def test_the_first_wrong_argument_is_named(call, rng):
    """Of several wrong arguments, the first in the order of the parameters is named"""
    for function, arguments in SENSE.items():
        names = list(arguments)
        first = rng.randrange(len(names) - 1)
        later = {name: NONSENSE[name][0] for name in names[first + 1 :]}
        refused(call, function, {names[first]: "7"} | later, "TypeError", names[first])
        wrong = {name: NONSENSE[name][0] for name in names[first:]}
        refused(call, function, wrong, "Nonsense", names[first])


def test_what_makes_sense_is_accepted(call, rng):
    """The ends of the ranges are inside: a peak factor of 1, a limit of 1, no spare, no thinking"""
    call(MODULE, "users_for", 10, 0.5, 0).equals(5, look="think_seconds may be 0")
    plan = [DAY * 8, 1, 0.5, 1, 1, 0]
    look = "peak_factor may be 1, utilisation_limit may be 1, spare may be 0, ints are numbers"
    call(MODULE, "instances", *plan).equals(4, look=look)
