"""Runs beside the project: counts without a service around it."""


def scrape_after(version: str | None, calls: list) -> str:
    """What a fresh ServiceMetrics exposes after these calls, each a method's name and arguments."""
    from churn_service.metrics import ServiceMetrics

    metrics = ServiceMetrics(version)
    for name, *arguments in calls:
        getattr(metrics, name)(*arguments)
    return metrics.exposition()[0].decode()


def scrapes_of_two(calls: list) -> list[str]:
    """What two instances in one process expose, when only the first was called."""
    from churn_service.metrics import ServiceMetrics

    first, second = ServiceMetrics("v1"), ServiceMetrics("v1")
    for name, *arguments in calls:
        getattr(first, name)(*arguments)
    return [metrics.exposition()[0].decode() for metrics in (first, second)]
