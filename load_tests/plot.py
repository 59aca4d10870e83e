"""Draws the record of a run: users, requests, latency and failures over time. Readable in grey."""

from __future__ import annotations

from pathlib import Path


def draw_run(record: dict, file: Path) -> None:
    """Write a PNG of the record's series."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    rows = record["series"]
    seconds = [row["second"] for row in rows]
    figure, (load, latency, failed) = plt.subplots(
        3, 1, figsize=(9, 8), sharex=True, height_ratios=(2, 3, 1), layout="constrained"
    )
    load.plot(seconds, [row["requests"] for row in rows], "k-", label="requests per second")
    load.set(ylabel="requests/s", title=title_of(record))
    known = [(row["second"], row["users"]) for row in rows if row["users"] is not None]
    users = load.twinx()
    users.step(
        *zip(*known or [(0, 0)], strict=True), "k:", where="mid", label="users (right scale)"
    )
    users.set(ylabel="users")
    for axis in (load, users):
        axis.set_ylim(0, 1.3 * axis.get_ylim()[1])  # room for the legend
    lines = load.get_lines() + users.get_lines()
    load.legend(lines, [line.get_label() for line in lines], loc="upper left", ncols=2)
    for key, style in (("p50_ms", "k-"), ("p95_ms", "k--"), ("p99_ms", "k:")):
        limit = record["objectives"][key]
        label = f"{key.removesuffix('_ms')}, objective {limit:g} ms"
        values = [float("nan") if row[key] is None else row[key] for row in rows]
        latency.plot(seconds, values, style, label=label)
        latency.axhline(limit, color="0.6", linestyle=style[1:], linewidth=0.8)
    latency.set(ylabel="latency in ms (log scale)", yscale="log")
    latency.set_ylim(top=3 * latency.get_ylim()[1])
    latency.legend(loc="upper left", ncols=3)
    failed.bar(seconds, [row["failures"] for row in rows], color="white", edgecolor="k", hatch="//")
    failed.set(ylabel="failures/s", xlabel="seconds since the start", ylim=(0, None))
    if not any(row["failures"] for row in rows):
        failed.set_ylim(0, 1)
        failed.text(0.5, 0.5, "no failures", transform=failed.transAxes, ha="center", va="center")
    figure.savefig(file, dpi=120)
    plt.close(figure)


def title_of(record: dict) -> str:
    """Say in one line what was run and how it ended."""
    arrivals = record["arrivals_per_second"]
    loop = f"{arrivals:g} arrivals/s" if arrivals else f"{record['users']} users"
    held = "objectives held" if record["verdict"]["held"] else "objectives missed"
    if record["ramp"] and record["verdict"]["held"]:
        held += f" up to {record['ramp']['highest_requests_per_second_held']:.0f} requests/s"
    return f"{record['shape']}, {loop}, {record['seconds']:g} s: {held}"
