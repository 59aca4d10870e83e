"""A run of the project's own tests."""

import os


def run_tests(project, path, stop_at_first_failure):
    """Runs a pytest file of the project; says how each test ended and what was not collected.

    A test is `passed`, `failed` or `skipped` (an expected failure is skipped too).
    """
    import pytest

    tests, broken = {}, []

    class Record:
        def pytest_collectreport(self, report):
            if report.failed:
                broken.append(crash_of(report))

        def pytest_runtest_logreport(self, report):
            name = report.nodeid.partition("::")[2]
            outcome = "skipped" if hasattr(report, "wasxfail") else report.outcome
            failed = tests.get(name, {}).get("outcome") == "failed"  # a part of it, or its set-up
            if not failed and (report.when == "call" or outcome != "passed"):
                tests[name] = {"outcome": outcome, **crash_of(report)}

    options = ["-q", "--disable-plugin-autoload", "-p", "no:cacheprovider"]
    options += ["-p", "no:faulthandler", *["-x"] * stop_at_first_failure]
    options += ["--rootdir", project, "--confcutdir", project]
    options += ["-c", os.devnull, path]
    status = pytest.main(options, plugins=[Record()])
    return {"status": int(status), "tests": tests, "broken": broken}


def crash_of(report):
    """Where a test or a file went wrong: its line, the message, and pytest's text as it would print it."""
    if not report.failed:
        return {}
    crash = getattr(report.longrepr, "reprcrash", None)
    place = {"line": crash.lineno, "message": crash.message[:1000]} if crash else {}
    return {"text": str(report.longrepr)[-1500:], **place}
