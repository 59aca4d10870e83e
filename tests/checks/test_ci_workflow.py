"""What the workflow must be: linters say what they know of it, and its jobs are played with stand-ins."""

import functools
import re

from workbench.boundary.outcomes import mismatch
from workbench.instruments.documents import read_yaml
from workbench.instruments.github.calls import BUILD, INSTALLS_PYTEST, START, wrong_hook
from workbench.instruments.github.expressions import value_of
from workbench.instruments.github.images import require_one_image, require_scan_fails_job, scans_of
from workbench.instruments.github.job import Job
from workbench.instruments.github.workflows import (
    PUSH,
    Workflow,
    a_run,
    is_cut_off,
    mapping_in,
    waits_for_each_other,
)
from workbench.instruments.linters.actionlint import require_accepted
from workbench.instruments.linters.zizmor import require_safe

FILE = ".github/workflows/deploy.yml"
JOBS = ("test", "image", "deploy")
DEPLOY, ROLLBACK = (value_of(f"secrets.{name}") for name in ("DEPLOY_HOOK", "ROLLBACK_HOOK"))
SMOKE = "deploy/smoke_test.py"
SMOKES = re.compile(rf"python3? .*{SMOKE} .*--expect")
KNOWN = re.compile(r"python3? .*deploy/record_known\.py model")
TESTS = re.compile(r"(?:^|-m )pytest\b(?P<arguments>.*)")
PYTHONS = ("3.11", "3.12", "3.13")
# what is expected in the place of what a check found, and where to look
EXPECTED = {
    "system": ("a Linux runner, such as ubuntu-24.04", "the names of GitHub's runners"),
    "jobs": (
        f"the three jobs {', '.join(JOBS)}",
        "the comment at the top of the file: it names the jobs and what each does",
    ),
    "triggers": (
        "`push` with the branch main, and `pull_request`",
        "what starts the workflow, and for which branches",
    ),
    "group": ("a group", "two pushes within a minute"),
    "cut off": (
        "false, for a deployment at least",
        "in which state a deployment is left that was cancelled half way",
    ),
    "limit": ("a limit for each job", "how long a job may hang when nothing is said: six hours"),
    "scanner": ("a scanner, such as trivy", "known holes in what you ship"),
    "hooks": (
        f"a POST to the secret DEPLOY_HOOK, then {SMOKE} with SERVICE_URL and --expect",
        "which of the two is missing, and their order",
    ),
    "too early": ("a rollback after a failure only", "the `if` of that step"),
    "no rollback": (
        "a POST to the secret ROLLBACK_HOOK",
        "a step runs after a failure only with `if: failure()`",
    ),
    "printed": ("no secret in the log of a run", "`echo`, `env`, `set -x` and `curl --verbose`"),
    "checkout": (
        "actions/checkout first",
        "what a fresh runner holds: each job gets one of its own, and it is empty",
    ),
    "python": ("3.11, 3.12 or 3.13", "which versions the requirements are for"),
    "pytest": (
        "pytest is installed, which requirements.txt does not name",
        "the names after `pip install`",
    ),
    "tests": ("pytest on the project's tests", "the path after `pytest`"),
}
FOR_STRANGERS = "the workflow runs for pull requests too: what would they deploy?"
UNPROVEN = "`always()`: it starts the job though the image was not proven"
# runs of the workflow in which `deploy` does not start, and where to look when it does
NO_DEPLOYMENTS = (
    (a_run("pull_request", "refs/pull/7/merge"), FOR_STRANGERS),
    (a_run("push", "refs/heads/feature"), FOR_STRANGERS),
    (a_run("push", "refs/heads/main", is_well=False), UNPROVEN),
)
BY_HAND = a_run("workflow_dispatch", "refs/heads/main")


def fault(got: str, expected: str, look: str):
    return mismatch(f"The check read {FILE}", got=got, expected=expected, look=look)


@functools.cache
def workflow(project) -> Workflow:
    """The workflow, when its three jobs are there."""
    data = read_yaml(project, FILE)
    jobs = mapping_in(data, "jobs")
    if not all(mapping_in(jobs, name) for name in JOBS):
        raise fault(f"`jobs` has {sorted(map(str, jobs)) or 'nothing in it'}", *EXPECTED["jobs"])
    return Workflow(data)


def job(project, name: str) -> Job:
    return Job(project, workflow(project), name, FILE)


def test_github_knows_every_key(project):
    """GitHub knows every key and every value, and each step does one thing"""
    told = workflow(project)
    require_accepted(project, FILE)
    for name in JOBS:
        runner = told.job(name).get("runs-on")
        if re.search(r"windows|macos", str(runner), re.IGNORECASE):
            raise fault(f"`runs-on` of `{name}` is {runner!r}", *EXPECTED["system"])


def test_it_runs_for_main_and_for_pull_requests(project):
    """It runs on a push to main and on every pull request"""
    triggers = workflow(project).triggers
    require_safe(project, FILE, "dangerous-triggers")
    branches = mapping_in(triggers, "push").get("branches")
    if "pull_request" not in triggers or branches not in (["main"], "main"):
        raise fault(f"`on` is {triggers}", *EXPECTED["triggers"])


def test_actions_are_pinned(project):
    """Every action is pinned by its full commit SHA"""
    workflow(project)
    require_safe(project, FILE, "unpinned-uses")


def test_permissions_are_few(project):
    """The workflow may read the code, and nothing more"""
    told = workflow(project)
    require_safe(project, FILE, "excessive-permissions")
    top = told.data.get("permissions")
    if top not in ({"contents": "read"}, {"contents": "none"}, {}):
        raise fault(f"`permissions` at the top is {top!r}", "`contents: read`", "`permissions`")
    for name in JOBS:
        if mapping_in(told.job(name), "permissions").get("contents") == "write":
            raise fault(f"The job `{name}` may write", "no more than it does", "`permissions`")


def test_only_what_is_proven_is_deployed_from_main(project):
    """A deployment needs the proven image, and the branch main"""
    told = workflow(project)
    for name, before in (("image", "test"), ("deploy", "image")):
        if before not in told.needs(name):
            got = f"`{name}` needs {told.needs(name) or 'nothing'}"
            look = "`needs`: jobs without it start at the same time"
            raise fault(got, f"it needs `{before}`", look)
    condition = str(told.job("deploy").get("if", ""))
    wrong = [look for run, look in NO_DEPLOYMENTS if told.starts("deploy", run) is not False]
    ways = [PUSH, BY_HAND] if "workflow_dispatch" in told.triggers else [PUSH]
    if not any(told.starts("deploy", run) for run in ways):
        wrong.append("what `if` compares: for a push to main it must be true")
    if wrong:
        got = f"`if` of `deploy` is {condition!r}" if condition else "`deploy` has no `if`"
        raise fault(got, "it holds for refs/heads/main only", wrong[0])


def test_deployments_wait_and_jobs_end(project):
    """Deployments wait for each other, none is cut off, and every job has a time limit"""
    told = workflow(project)
    groups = told.groups("deploy")
    if not groups:
        raise fault("There is no `concurrency`", *EXPECTED["group"])
    if not any(map(waits_for_each_other, groups)):
        raise fault("`group` is another one for each push", *EXPECTED["group"])
    if any(map(is_cut_off, groups)):
        raise fault("`cancel-in-progress` is true", *EXPECTED["cut off"])
    for name in JOBS:
        if not told.job(name).get("timeout-minutes"):
            raise fault(f"The job `{name}` has no `timeout-minutes`", *EXPECTED["limit"])


def test_the_image_is_built_scanned_and_proven(project):
    """`image` builds, scans, starts and smoke-tests the image"""
    wanted = {"docker build": BUILD, "docker run": START, SMOKE: SMOKES}
    job(project, "image").require_in_order(wanted, also=", with --expect")
    if not scans_of(job(project, "image")):
        raise fault("No step of `image` scans it", *EXPECTED["scanner"])


def test_a_failure_fails_its_job(project):
    """A failing test, build or smoke test fails its job"""
    told = str(workflow(project).steps("test"))  # `pip install pytest` is no test
    job(project, "test").require_failed_with(
        "pytest tests" if "pytest tests" in told else "-m pytest"
    )
    image = job(project, "image")
    image.require_failed_with("build")
    image.require_failed_with(SMOKE)
    job(project, "deploy").require_failed_with(SMOKE)


def test_a_deployment_is_proven_or_rolled_back(project):
    """`deploy` calls the hook, proves what is live, and rolls back when the proof fails"""
    deploy = job(project, "deploy")
    good, bad = deploy.played(), deploy.played(SMOKE)
    hooks = deploy.places(re.compile(rf"\s{DEPLOY}\s"))
    proofs = [n for n in deploy.places(SMOKES) if value_of("vars.SERVICE_URL") in good.words[n]]
    if not hooks or not proofs or proofs[-1] < hooks[0]:
        raise deploy.wrong_calls(*EXPECTED["hooks"])
    if any(ROLLBACK in call for call in good.calls):
        got = "They called ROLLBACK_HOOK though nothing had failed"
        raise deploy.wrong(got, *EXPECTED["too early"])
    for words in (*good.words, *bad.words):
        if wrong := wrong_hook(words, (DEPLOY, ROLLBACK)):
            raise deploy.wrong(*wrong)
    if not any(ROLLBACK in words for words in bad.words):
        got, and_ = "Nothing called ROLLBACK_HOOK", " and let the smoke test fail"
        raise deploy.wrong(got, *EXPECTED["no rollback"], and_=and_)


def test_secrets_are_not_shown(project):
    """No secret and no stranger's text stands in a command, and no secret is printed"""
    jobs = [job(project, name) for name in JOBS]
    require_safe(project, FILE, "template-injection", about="secrets")
    for told in jobs:
        if any(value_of("secrets.") in told.played(failing).printed for failing in ("", SMOKE)):
            raise told.wrong("One of them printed a secret", *EXPECTED["printed"])


def test_each_job_has_what_it_needs(project):
    """Each job checks the code out and installs before it runs what needs it"""
    told = workflow(project)
    for name in JOBS:
        if not told.is_used_first(name, "actions/checkout"):
            got = f"`{name}` runs a command before it checks the code out"
            raise fault(got, *EXPECTED["checkout"])
        for step in told.uses(name, "actions/setup-python"):
            version = str(mapping_in(step, "with").get("python-version", "3.11"))
            if version not in PYTHONS:
                raise fault(f"`python-version` in `{name}` is {version}", *EXPECTED["python"])
    job(project, "test").require_installed(TESTS, "pytest")
    job(project, "image").require_installed(KNOWN, "deploy/record_known.py model")
    if not told.is_handed("deploy", job(project, "deploy").first(SMOKES).option("--expect")):
        job(project, "deploy").require_installed(KNOWN, "deploy/record_known.py model")


def test_the_tests_are_run(project):
    """`test` installs pytest, and runs it on the project's tests"""
    test = job(project, "test")
    if not test.places(INSTALLS_PYTEST):
        raise test.wrong_calls(*EXPECTED["pytest"])
    call = test.first(TESTS)
    paths = [word for word in call[call.index("pytest") + 1 :] if "=" not in word]
    for path in paths:
        if not path.startswith("-") and not (project.folder / path).exists():
            raise test.wrong(f"They called {call}", *EXPECTED["tests"])


def test_the_image_that_was_built_is_the_one_that_is_proven(project):
    """The image is built under a name, scanned so that a finding fails, started, and asked at its port"""
    image = job(project, "image")
    require_one_image(image, smoke=SMOKES, port="5000")
    require_scan_fails_job(image)
