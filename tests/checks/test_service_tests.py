"""What the learner's tests must do: pass on right services, fail on broken ones."""

import functools
import os
import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workbench.boundary.outcomes import (
    EnvironmentProblem,
    LearnerError,
    Outcome,
    mismatch,
    shortened,
)

FILE = "tests/test_service.py"
BROKEN = Path(__file__).parent / "broken" / "services.toml"
REWRITTEN = Path(__file__).parent / "broken" / "rewritten" / "churn_service"
CATCH_AT_LEAST = 12
MOST_SHOWN = 300


@functools.cache
def run_on_reference(project) -> dict:
    """How each test ends on the reference. In a copy, so that right and broken services look alike."""
    return project.variant({}).run_tests(FILE).value


def ran(run: dict) -> list[str]:
    return [name for name, test in run["tests"].items() if test["outcome"] != "skipped"]


def failing(run: dict) -> str:
    """The first test that failed and what it said, or how pytest ended; empty when all is well."""
    for name, test in run["tests"].items():
        if test["outcome"] == "failed":
            said = shortened(test.get("message", test["text"]), MOST_SHOWN)
            return f"{name} failed" + (
                f" in line {test['line']}: {said}" if "line" in test else f": {said}"
            )
    if run["status"] == 0:
        return ""
    return (
        f"pytest ended with status {run['status']}, and no test had failed: something in the file "
        "stops pytest itself (pytest.exit, sys.exit, a KeyboardInterrupt)"
    )


def catches(project, broken: dict | None) -> bool:
    """Whether some test fails on the broken service; None is the reference, which is right."""
    if broken is None:
        return project.variant({}).run_tests(FILE, stop_at_first_failure=True).value["status"] != 0
    path = f"churn_service/{broken['file']}"
    text = (project.folder / path).read_text(encoding="utf-8")
    if text.count(broken["old"]) != 1:
        raise EnvironmentProblem(f"The course's {path} does not hold `{broken['old']}` once")
    changed = project.variant({path: text.replace(broken["old"], broken["new"])})
    try:
        return changed.run_tests(FILE, stop_at_first_failure=True).value["status"] == 1
    except Outcome:  # the tests hung or ended the process: that is noticed too
        return True


def test_there_are_tests_that_run(project):
    """The file can be read and holds tests that run"""
    run = run_on_reference(project)
    did = f"The check ran `pytest {FILE}` on the reference service"
    if run["broken"]:
        text = run["broken"][0]["text"]
        said = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
        lines = re.findall(r"test_service\.py(?::|\", line )(\d+)", text)
        raise LearnerError(
            did,
            f"pytest could not read the file: {said[-1] if said else text}",
            "a file that pytest can import",
            f"{FILE}, line {lines[-1]}" if lines else FILE,
        )
    if not ran(run):
        skipped = len(run["tests"])
        raise mismatch(
            did,
            got=f"pytest skipped all {skipped} tests" if skipped else "pytest found no test",
            expected="at least one test that runs",
            look="the names: pytest takes functions that begin with test_; marks that skip or xfail",
        )


def test_they_pass_on_the_reference(project):
    """The tests pass on the reference service"""
    run = run_on_reference(project)
    require_tests(run)
    if problem := failing(run):
        raise mismatch(
            f"The check ran `pytest {FILE}` on the reference service, which is right",
            got=problem,
            expected="every test passes on a right service",
            look="what this test expects, against what the contract says",
        )


def test_they_pass_on_another_right_service(project):
    """The tests pass on a right service that is written differently"""
    require_right(project)
    rewritten = {
        f"churn_service/{file.name}": file.read_text(encoding="utf-8")
        for file in REWRITTEN.glob("*.py")
    }
    if problem := failing(project.variant(rewritten).run_tests(FILE).value):
        raise mismatch(
            f"The check ran `pytest {FILE}` on a second right service: other code, other wording",
            got=problem,
            expected="tests that ask for what the contract promises, and for nothing else",
            look="the wording of messages, the order of keys, the source code: none is promised",
        )


def test_they_catch_broken_services(project, rng):
    """The tests catch broken services"""
    require_right(project)
    services = tomllib.loads(BROKEN.read_text(encoding="utf-8"))["service"]
    # a right one among them: a test must tell them apart by what they do, not by when they come
    among = [*services, None]
    drawn = rng.sample(among, len(among))
    with ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 2))) as pool:
        caught = list(pool.map(functools.partial(catches, project), drawn))
    found = list(zip(drawn, caught, strict=True))
    if (None, True) in found:
        raise mismatch(
            f"The check ran your tests on {len(services)} broken services, the reference among them",
            got="They failed on the reference, which they had passed before",
            expected="tests that pass on a right service each time they run",
            look="what differs from run to run: the time, the order of tests, the number of a process",
        )
    missed = [broken["kind"] for broken, is_caught in found if broken and not is_caught]
    if len(services) - len(missed) < CATCH_AT_LEAST:
        missed.sort(key=[service["kind"] for service in services].index)
        raise mismatch(
            f"The check ran your tests on {len(services)} broken services",
            got=f"They let {len(missed)} of {len(services)} through:\n- " + ";\n- ".join(missed),
            expected=f"at least {CATCH_AT_LEAST} of the {len(services)} fail some test",
            look="the first kind above: which request would show it, and what would a right service answer?",
        )


def require_tests(run: dict) -> None:
    """Fails when there is nothing to judge: no test is no proof."""
    if run["broken"] or not ran(run):
        raise mismatch(
            "Not run: there is no test to run",
            got="",
            expected=f"tests in {FILE}",
            look="the first check of this exercise",
        )


def require_right(project) -> None:
    """Fails when the tests do not pass on the reference: then failing elsewhere means nothing."""
    run = run_on_reference(project)
    require_tests(run)
    if failing(run):
        raise mismatch(
            "Not run: the tests do not pass on the reference service yet",
            got="",
            expected="tests that a right service passes",
            look="the check before this one",
        )
