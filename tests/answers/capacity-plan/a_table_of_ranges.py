"""A table of ranges and a decorator; rounds to nine places before it rounds up."""

import functools
import inspect
import math
import numbers

RANGES = {
    "requests_per_day": "(0", "rate": "(0", "cpu_seconds_per_request": "(0",
    "latency_seconds": "(0", "cores_per_instance": "(0", "think_seconds": "[0",
    "peak_factor": "[1", "utilisation_limit": "(0", "spare": "[0",
}


class Nonsense(ValueError):
    pass


def sensible(function):
    @functools.wraps(function)
    def checked(*args, **kwargs):
        bound = inspect.signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        for name, value in bound.arguments.items():
            kind = numbers.Integral if name == "spare" else numbers.Real
            if isinstance(value, bool) or not isinstance(value, kind):
                raise TypeError(name + " has the wrong type: " + type(value).__name__)
            low = float(RANGES[name][1:])
            below = value < low if RANGES[name][0] == "[" else value <= low
            above = name == "utilisation_limit" and value > 1
            if math.isnan(value) or math.isinf(value) or below or above:
                raise Nonsense(name + " is out of range")
        return function(*args, **kwargs)

    return checked


@sensible
def peak_rate(requests_per_day, peak_factor):
    return peak_factor * requests_per_day / 86400


@sensible
def busy_cores(rate, cpu_seconds_per_request):
    return cpu_seconds_per_request * rate


@sensible
def requests_in_flight(rate, latency_seconds):
    return latency_seconds * rate


@sensible
def users_for(rate, latency_seconds, think_seconds):
    return int(-(-round(rate * latency_seconds + rate * think_seconds, 9) // 1))


@sensible
def instances(requests_per_day, peak_factor, cpu_seconds_per_request, cores_per_instance,
              utilisation_limit, spare=1):
    per_core = peak_rate(requests_per_day, peak_factor) * cpu_seconds_per_request / cores_per_instance
    return max(math.ceil(round(per_core / utilisation_limit, 9)), 1) + spare
