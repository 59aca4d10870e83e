"""What generating and featuring customers costs: `python benchmarks/handover_scale.py [SIZE ...]`.

Each size runs in its own process, so that its peak memory is its own. Generating writes the orders
to DuckDB; featuring reads them back in chunks and keeps the table of features. The cost
is linear when the last column stays level.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10_000, 100_000, 1_000_000)
LIMIT_GB = 8


def main(sizes: list[int]) -> int:
    """Print one line per size; the exit code is 1 when a size needs more than LIMIT_GB."""
    print(f"{'customers':>10} {'orders':>11} {'generate s':>11} {'features s':>11} ", end="")
    print(f"{'peak GB':>8} {'us/customer':>12}")
    peak = 0.0
    for customers in sizes:
        cost = measure_in_own_process(customers)
        seconds = cost["generate_seconds"] + cost["features_seconds"]
        print(
            f"{customers:>10,} {cost['orders']:>11,} {cost['generate_seconds']:>11.2f} "
            f"{cost['features_seconds']:>11.2f} {cost['peak_gb']:>8.2f} "
            f"{seconds / customers * 1e6:>12.1f}",
            flush=True,
        )
        peak = max(peak, cost["peak_gb"])
    print(f"Highest peak: {peak:.2f} GB of the {LIMIT_GB} GB allowed.")
    return int(peak > LIMIT_GB)


def measure_in_own_process(customers: int) -> dict:
    """The result of `measure` for this many customers, from a fresh interpreter."""
    command = [sys.executable, __file__, "--measure", str(customers)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def measure(customers: int) -> dict:
    """Generate and feature this many customers; seconds of each, and this process's peak memory."""
    sys.path.insert(0, str(ROOT))
    import pandas as pd

    from bookstore_model.features import features_at
    from bookstore_model.prepare import Shop, build_orders
    from bookstore_model.store import iter_order_log, open_orders

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bookstore.duckdb"
        shop = Shop(customers=customers)
        start = time.perf_counter()
        build_orders(path, shop, lambda *_: None)
        generated = time.perf_counter()
        cutoff = pd.Timestamp(shop.today) - pd.Timedelta(days=90)
        features = pd.concat(
            [features_at(log.orders, log.emails, cutoff) for log in iter_order_log(path)]
        )
        featured = time.perf_counter()
        with open_orders(path) as database:
            orders = database.execute("SELECT count(*) FROM orders").fetchone()[0]
    return {
        "orders": orders,
        "customers_featured": len(features),
        "generate_seconds": generated - start,
        "features_seconds": featured - generated,
        "peak_gb": peak_memory_gb(),
    }


def peak_memory_gb() -> float:
    """The most memory this process has held, in GB of 10^9 bytes."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e9
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
