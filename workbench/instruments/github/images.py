"""An image in a job's hands: built under a name, scanned, started, and asked at its port."""

from __future__ import annotations

import re

from workbench.boundary.outcomes import Mismatch, mismatch
from workbench.instruments.github.calls import BUILD, SCANNER, START
from workbench.instruments.github.job import Job
from workbench.instruments.github.runner import given_to

LOOPBACK = re.compile(r"http://(?:localhost|127\.0\.0\.1):(?P<port>\d+)\b")
TRIVY = "aquasecurity/trivy-action"


def scans_of(job: Job) -> list[dict]:
    """The steps that scan an image, by an action or by a command."""
    steps = job.workflow.steps(job.name)
    return [s for s in steps if SCANNER.search(f"{s.get('uses', '')} {s.get('run', '')}")]


def require_scan_fails_job(job: Job) -> None:
    """What a scanner finds fails the job, whether a step uses it or calls it."""
    for step in scans_of(job):
        if step.get("continue-on-error"):
            raise _read(
                job,
                "The scan has `continue-on-error`",
                "a finding fails the job",
                "what `continue-on-error` makes of a failure",
            )
    for scanner in {found[0] for found in map(SCANNER.search, job.played().calls) if found}:
        job.require_failed_with(scanner)
    for step in job.workflow.uses(job.name, TRIVY):
        if given_to(job.workflow, job.name, step, "exit-code") in ("", "0"):
            raise _read(
                job,
                "The scan has no `exit-code`",
                '`exit-code: "1"`',
                "what becomes of a finding: without it trivy lists it, and the job goes on",
            )


def require_one_image(job: Job, smoke: re.Pattern, port: str) -> None:
    """What is built is what is scanned, started in the background, and asked by `smoke` at `port`."""
    build, run, asking = (job.first(kind) for kind in (BUILD, START, smoke))
    tag = build.option("-t", "--tag")
    if not tag or tag.startswith("-") or not (job.project.folder / build[-1]).is_dir():
        expected, look = (
            "a name for the image, and its folder",
            "`--tag NAME` and the dot at the end",
        )
        raise job.wrong(f"They called {build}", expected, look)
    if run.started_image() != tag or not {"-d", "--detach"} & set(run):
        expected = f"the image {tag} started in the background"
        look = "`--detach`, and the name that was built"
        raise job.wrong(f"They called {run}", expected, look)
    asked = LOOPBACK.search(str(asking))
    published = run.option("-p", "--publish").split(":")
    if not asked or published[-1] != port or published[-2:][0] != asked["port"]:
        raise job.wrong(
            f"They called {run}, then {asking}",
            f"the container's port {port}, published where the smoke test asks",
            "the two numbers of `--publish HOST:CONTAINER`, and the port in the address",
        )
    _require_scanned(job, tag)


def _require_scanned(job: Job, tag: str) -> None:
    for step in job.workflow.uses(job.name, TRIVY):
        scanned, other = (given_to(job.workflow, job.name, step, n) for n in ("image-ref", "input"))
        if scanned != tag and not other:
            raise _read(
                job,
                f"The scan's `image-ref` is {scanned!r}",
                f"the image that was built, {tag}",
                "which image is scanned",
            )


def _read(job: Job, got: str, expected: str, look: str) -> Mismatch:
    return mismatch(f"The check read {job.file}", got=got, expected=expected, look=look)
