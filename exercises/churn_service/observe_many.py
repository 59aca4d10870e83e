"""A histogram that is told of many values at once. prometheus_client only takes one by one."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from prometheus_client import Histogram


def observe_many(histogram: Histogram, amounts: Sequence[float]) -> None:
    """Observe each amount, taking the locks once for a bucket and not once for an amount.

    The bounds, the sum and the buckets are private to prometheus_client, whose version is pinned; a
    test compares what comes of this with `observe`.
    """
    bounds = histogram._upper_bounds
    counts = Counter(bisect_left(bounds, amount) for amount in amounts)
    histogram._sum.inc(sum(amounts))
    for place, count in counts.items():
        histogram._buckets[place].inc(count)
