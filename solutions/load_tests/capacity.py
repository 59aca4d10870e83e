"""How many instances a number of requests asks for. Arithmetic only: the measuring is Locust's.

Sources of the formulas: P. J. Denning and J. P. Buzen, "The Operational Analysis of Queueing Network
Models", ACM Computing Surveys 10(3), 1978 (the utilisation law, the response time law); J. D. C. Little,
"A Proof for the Queuing Formula L = lambda W", Operations Research 9(3), 1961.

Every argument must make sense. A number is an int or a float; a bool is none, nor is a text: TypeError.
NaN, infinity and a number outside its range: `Nonsense`, a ValueError. Either message begins with the
name of the argument. When several are wrong, the first in the order of the parameters is named.
"""

import math

SECONDS_PER_DAY = 86_400


class Nonsense(ValueError):
    """An argument that cannot be true of any service. The message begins with its name."""


# BEGIN SOLUTION
def require(name: str, value: object, *, above: float = 0.0, upto: float = math.inf) -> None:
    """Raise unless `value` is a finite number in (above, upto]."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    if not math.isfinite(value) or not above < value <= upto:
        raise Nonsense(f"{name} is {value}; it must be above {above} and at most {upto}")


# END SOLUTION


def peak_rate(requests_per_day: float, peak_factor: float) -> float:
    """Return the requests per second at the busiest time.

    The mean rate of the day, times how many times the mean the peak is. `requests_per_day` is above 0,
    `peak_factor` 1 or more.
    """
    # BEGIN SOLUTION
    require("requests_per_day", requests_per_day)
    require("peak_factor", peak_factor, above=math.nextafter(1, 0))
    return requests_per_day / SECONDS_PER_DAY * peak_factor
    # END SOLUTION


def busy_cores(rate: float, cpu_seconds_per_request: float) -> float:
    """Return how many cores are busy on average at `rate` requests per second.

    The utilisation law, U = X * S: throughput times service time. Both are above 0.
    `cpu_seconds_per_request` is what one request costs the CPU, waiting not included.
    """
    # BEGIN SOLUTION
    require("rate", rate)
    require("cpu_seconds_per_request", cpu_seconds_per_request)
    return rate * cpu_seconds_per_request
    # END SOLUTION


def requests_in_flight(rate: float, latency_seconds: float) -> float:
    """Return how many requests are inside the service at the same time, on average.

    Little's law, N = X * R: throughput times response time. Both are above 0.
    """
    # BEGIN SOLUTION
    require("rate", rate)
    require("latency_seconds", latency_seconds)
    return rate * latency_seconds
    # END SOLUTION


def users_for(rate: float, latency_seconds: float, think_seconds: float) -> int:
    """Return how many simulated users make `rate` requests per second, as a whole number, rounded up.

    The response time law, N = X * (R + Z): a user is either waiting for an answer (`latency_seconds`,
    above 0) or thinking (`think_seconds`, 0 or more). Rounded up as `instances` says.
    """
    # BEGIN SOLUTION
    require("rate", rate)
    require("latency_seconds", latency_seconds)
    require("think_seconds", think_seconds, above=math.nextafter(0, -1))
    return round_up(rate * (latency_seconds + think_seconds))
    # END SOLUTION


def instances(
    requests_per_day: float,
    peak_factor: float,
    cpu_seconds_per_request: float,
    cores_per_instance: float,
    utilisation_limit: float,
    spare: int = 1,
) -> int:
    """Return how many instances serve the peak with every core at or below `utilisation_limit`.

    Busy cores at the peak, over what one instance may use (`cores_per_instance * utilisation_limit`),
    rounded up, plus `spare` instances that may fail or be replaced while the others carry the peak (N+1).
    At least one besides the spare ones. An instance that would be exactly at its limit is not too much.

    Rounding up must not be fooled by floats: 3 * 0.1 / 0.1 is 3.0000000000000004 in a computer, and
    needs 3. What is above a whole number by less than a billionth of it counts as that number.

    `cores_per_instance` is above 0 (half a core is possible), `utilisation_limit` above 0 and at most 1,
    `spare` a whole number (int), 0 or more.
    """
    # BEGIN SOLUTION
    busy = busy_cores(peak_rate(requests_per_day, peak_factor), cpu_seconds_per_request)
    require("cores_per_instance", cores_per_instance)
    require("utilisation_limit", utilisation_limit, upto=1)
    require("spare", spare, above=-1)
    if not isinstance(spare, int):
        raise TypeError("spare must be a whole number")
    return round_up(busy / (cores_per_instance * utilisation_limit)) + spare
    # END SOLUTION


# BEGIN SOLUTION
def round_up(amount: float) -> int:
    """Return the next whole number, at least 1; a billionth too much is noise."""
    return max(1, math.ceil(amount * (1 - 1e-9)))


# END SOLUTION
