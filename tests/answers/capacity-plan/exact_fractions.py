from fractions import Fraction
from math import ceil, inf


class Nonsense(ValueError):
    pass


def parsed(name, value, inside):
    if type(value) not in (int, float):
        raise TypeError(f"{name}: a number is asked for")
    if value != value or value in (inf, -inf) or not inside(value):
        raise Nonsense(f"{name}: {value} makes no sense")
    return Fraction(str(value))


def positive(value):
    return value > 0


def peak_rate(requests_per_day, peak_factor):
    per_day = parsed("requests_per_day", requests_per_day, positive)
    return float(per_day * parsed("peak_factor", peak_factor, lambda v: v >= 1) / (24 * 60 * 60))


def busy_cores(rate, cpu_seconds_per_request):
    rate = parsed("rate", rate, positive)
    return float(rate * parsed("cpu_seconds_per_request", cpu_seconds_per_request, positive))


def requests_in_flight(rate, latency_seconds):
    rate = parsed("rate", rate, positive)
    return float(rate * parsed("latency_seconds", latency_seconds, positive))


def users_for(rate, latency_seconds, think_seconds):
    rate = parsed("rate", rate, positive)
    latency = parsed("latency_seconds", latency_seconds, positive)
    return ceil(rate * (latency + parsed("think_seconds", think_seconds, lambda v: v >= 0)))


def instances(
    requests_per_day,
    peak_factor,
    cpu_seconds_per_request,
    cores_per_instance,
    utilisation_limit,
    spare=1,
):
    per_day = parsed("requests_per_day", requests_per_day, positive)
    factor = parsed("peak_factor", peak_factor, lambda v: v >= 1)
    seconds = parsed("cpu_seconds_per_request", cpu_seconds_per_request, positive)
    cores = parsed("cores_per_instance", cores_per_instance, positive)
    limit = parsed("utilisation_limit", utilisation_limit, lambda v: 0 < v <= 1)
    if type(spare) is not int:
        raise TypeError("spare: a whole number is asked for")
    if spare < 0:
        raise Nonsense("spare: fewer than none")
    return ceil(per_day / 86400 * factor * seconds / cores / limit) + spare
