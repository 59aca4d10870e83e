"""The verdict in words, for a terminal."""

from __future__ import annotations

from load_tests.objectives import Miss

COLUMNS = ("requests", "failures", "requests_per_second", "p50_ms", "p95_ms", "p99_ms", "max_ms")


def told(record: dict) -> str:
    """Return the table by name, what the shape found, and the verdict."""
    lines = [
        f"{'':28}"
        + "".join(f"{name.replace('requests_per_second', 'per_s'):>10}" for name in COLUMNS)
    ]
    rows = record["by_name"] | {"all": record["measured"]}
    for name, row in rows.items():
        cells = ("-" if row[key] is None else f"{row[key]:.4g}" for key in COLUMNS)
        lines.append(f"{name[:28]:28}" + "".join(f"{cell:>10}" for cell in cells))
    for failure in record["failures"][:5]:
        lines.append(f"{failure['count']} x {failure['name']}: {failure['error']}")
    if record["ramp"]:
        lines += told_of_ramp(record["ramp"])
    if record["drift"] and record["drift"]["ratio"]:
        drift = record["drift"]
        lines.append(
            f"p95 in the first quarter {drift['first_quarter_p95_ms']:g} ms, in the last "
            f"{drift['last_quarter_p95_ms']:g} ms: {drift['ratio']:g} times"
        )
    if record["measured"]["unsent_arrivals"]:
        lines.append(f"{record['measured']['unsent_arrivals']} arrivals were due and never sent.")
    if record["machine"]["client_was_busy"]:
        lines.append("The load generator itself was at its limit: part of this latency is its own.")
    missed = [str(Miss(**miss)) for miss in record["verdict"]["missed"]]
    held = "HELD: every objective was kept" + (" below that throughput." if record["ramp"] else ".")
    lines.append("MISSED: " + "; ".join(missed) if missed else held)
    return "\n".join(lines)


def told_of_ramp(ramp: dict) -> list[str]:
    """Return one line a step, the best throughput held, and what broke first."""
    lines = []
    for step in ramp["steps"]:
        missed = "; ".join(str(Miss(**miss)) for miss in step["missed"])
        rate = step["requests_per_second"]
        lines.append(f"{step['users']:6} users {rate:8.1f} requests/s   {missed or 'held'}")
    best, broke = ramp["highest_requests_per_second_held"], ramp["broke_first"]
    if best is not None:
        held = f"Objectives held up to {best:.1f} requests/s ({ramp['users_held']} users)."
        lines.append(held if broke else held + " It did not break: the limit is higher.")
    if broke:
        what = "; ".join(str(Miss(**miss)) for miss in broke["missed"])
        lines.append(f"Broke first, at {broke['users']} users: {what}.")
    return lines
