# fails: test_what_is_no_number_is_refused
# says: =True
# BEGIN SOLUTION
def require(name: str, value: object, *, above: float = 0.0, upto: float = math.inf) -> None:
    """Raise unless `value` is a finite number in (above, upto]."""
    if not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    if not math.isfinite(value) or not above < value <= upto:
        raise Nonsense(f"{name} is {value}; it must be above {above} and at most {upto}")


# END SOLUTION
# BEGIN SOLUTION
    require("requests_per_day", requests_per_day)
    require("peak_factor", peak_factor, above=math.nextafter(1, 0))
    return requests_per_day / SECONDS_PER_DAY * peak_factor
# END SOLUTION
# BEGIN SOLUTION
    require("rate", rate)
    require("cpu_seconds_per_request", cpu_seconds_per_request)
    return rate * cpu_seconds_per_request
# END SOLUTION
# BEGIN SOLUTION
    require("rate", rate)
    require("latency_seconds", latency_seconds)
    return rate * latency_seconds
# END SOLUTION
# BEGIN SOLUTION
    require("rate", rate)
    require("latency_seconds", latency_seconds)
    require("think_seconds", think_seconds, above=math.nextafter(0, -1))
    return round_up(rate * (latency_seconds + think_seconds))
# END SOLUTION
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
