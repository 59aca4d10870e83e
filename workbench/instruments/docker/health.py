"""An image's HEALTHCHECK: when it turns healthy, when it notices a hang, and how late."""

from __future__ import annotations

from typing import Any

from workbench.boundary.outcomes import mismatch
from workbench.instruments.docker.containers import Container

SECOND = 10**9
# how the check's own container is watched: often, so that nobody waits
OFTEN = {"interval": SECOND // 2, "timeout": 3 * SECOND, "retries": 1}
PROBES = 3  # so many that say otherwise decide


def health_check_of(image: Any) -> dict:
    """The HEALTHCHECK as the engine knows it; empty when there is none."""
    check = image.attrs["Config"].get("Healthcheck") or {"Test": ["NONE"]}
    return {} if check["Test"] == ["NONE"] else check


def require_healthy(container: Container, check: dict) -> None:
    if not check:
        raise mismatch("Not run: there is no HEALTHCHECK", got="", expected="", look="check 2")
    did = "The check started the image and waited for its HEALTHCHECK"
    container.wait_until_it_answers(did)
    if not container.turns("healthy", against=PROBES):
        probe = (container.probes() or [{"ExitCode": "?", "Output": ""}])[-1]
        raise mismatch(
            did,
            got=f"The service answers, yet `{' '.join(check['Test'][1:])[:200]}` ended with status "
            f"{probe['ExitCode']}: {probe['Output'].strip()[-250:]}",
            expected="status 0 while the service answers",
            look="what a slim image has: Python is there; curl and wget are not",
        )


def require_notice_within(check: dict, most_seconds: int) -> None:
    """A hang shows after (interval + timeout) x retries at the latest."""
    interval, timeout = (check.get(name, 0) / SECOND or 30 for name in ("Interval", "Timeout"))
    retries = check.get("Retries") or 3
    latest = (interval + timeout) * retries
    if latest > most_seconds:
        raise mismatch(
            "The check read the image's HEALTHCHECK",
            got=f"A hang would show after ({interval:g} + {timeout:g}) x {retries} = {latest:g} s",
            expected=f"at most {most_seconds} s",
            look="--interval, --timeout and --retries; left out, they are 30s, 30s and 3",
        )


def require_unhealthy_when_hung(container: Container, check: dict) -> None:
    """Makes a healthy container hang; its health check must tell."""
    container.hang()
    overlooks = container.probe_passes(check["Test"])
    if overlooks or not container.turns("unhealthy", against=PROBES):
        raise mismatch(
            "The check stopped the service's processes (SIGSTOP), so that it answered nothing",
            got="The health check ended with status 0 all the same",
            expected="it ends with another status, and the container turns unhealthy",
            look="what it asks: a process that exists may still answer nobody",
        )
