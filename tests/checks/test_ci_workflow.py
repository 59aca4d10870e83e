"""What the workflow must be: read as data, and its shell steps played with stand-ins for what they call."""

import re

from workbench.judging.documents import read_yaml
from workbench.judging.outcomes import mismatch
from workbench.judging.workflows import EXPRESSION, play, value_of

FILE = ".github/workflows/deploy.yml"
JOBS = ("test", "image", "deploy")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
SCANNERS = re.compile(r"trivy|grype|docker scout|anchore/scan|snyk", re.IGNORECASE)
DEPLOY, ROLLBACK = (value_of(f"secrets.{name}") for name in ("DEPLOY_HOOK", "ROLLBACK_HOOK"))
SMOKE = "deploy/smoke_test.py"


def fault(got: str, expected: str, look: str):
    return mismatch(f"The check read {FILE}", got=got, expected=expected, look=look)


def workflow(project) -> dict:
    """The workflow's data, when its three jobs are there."""
    data = read_yaml(project, FILE)
    jobs = data.get("jobs") if isinstance(data.get("jobs"), dict) else {}
    missing = [name for name in JOBS if not isinstance(jobs.get(name), dict)]
    if missing:
        raise fault(
            f"`jobs` has {sorted(jobs) or 'nothing in it'}",
            f"the three jobs {', '.join(JOBS)}",
            "the comment at the top of the file: it names the jobs and what each does",
        )
    return data


def steps_of(project, job: str) -> list[dict]:
    return [s for s in workflow(project)["jobs"][job].get("steps") or [] if isinstance(s, dict)]


def needs(project, job: str) -> list[str]:
    named = workflow(project)["jobs"][job].get("needs") or []
    return [named] if isinstance(named, str) else list(named)


def test_it_runs_for_main_and_for_pull_requests(project):
    """It runs on a push to main and on every pull request"""
    data = workflow(project)
    triggers = data.get(
        "on", data.get(True)
    )  # YAML 1.1 reads the key `on` as true; GitHub does not
    if isinstance(triggers, str | list):
        triggers = dict.fromkeys([triggers] if isinstance(triggers, str) else triggers)
    triggers = triggers if isinstance(triggers, dict) else {}
    if "pull_request_target" in triggers:
        raise fault(
            "It runs on pull_request_target",
            "pull_request",
            "whose code runs there with your secrets: that of whoever opened the pull request",
        )
    branches = (triggers.get("push") or {}).get("branches") if "push" in triggers else None
    if "pull_request" not in triggers or branches not in (["main"], "main"):
        raise fault(
            f"`on` is {triggers}",
            "`push` with the branch main, and `pull_request`",
            "what starts the workflow, and for which branches",
        )


def test_actions_are_pinned(project):
    """Every action is pinned by its full commit SHA"""
    used = [str(step["uses"]) for job in JOBS for step in steps_of(project, job) if "uses" in step]
    loose = [u for u in used if not PINNED.fullmatch(u) and not u.startswith("./")]
    if loose:
        raise fault(
            f"It uses {loose[0]}",
            "the 40 hexadecimal digits of a commit after the @, and the version in a comment",
            "who can move a tag, and what would then run with your permissions",
        )
    if not any(u.startswith("actions/checkout@") for u in used):
        raise fault("No job checks the code out", "actions/checkout", "what a fresh runner holds")


def test_permissions_are_few(project):
    """The workflow may read the code, and nothing more"""
    top = workflow(project).get("permissions", "not stated")
    allowed = ({"contents": "read"}, {"contents": "none"}, {})
    if top not in allowed:
        raise fault(
            f"`permissions` at the top is {top!r}"
            if top != "not stated"
            else "`permissions` is missing",
            "`contents: read`",
            "what the token may do that every step, and every action, can use",
        )
    for job in JOBS:
        own = workflow(project)["jobs"][job].get("permissions")
        if own == "write-all" or (isinstance(own, dict) and own.get("contents") == "write"):
            raise fault(f"The job `{job}` may write {own}", "no more than it does", "`permissions`")


def test_only_what_is_proven_is_deployed_from_main(project):
    """A deployment needs the proven image, and the branch main"""
    for job, before in (("image", "test"), ("deploy", "image")):
        if before not in needs(project, job):
            raise fault(
                f"`{job}` needs {needs(project, job) or 'nothing'}",
                f"it needs `{before}`",
                "`needs`: jobs without it start at the same time",
            )
    condition = str(workflow(project)["jobs"]["deploy"].get("if", ""))
    on_main = re.search(
        r"github\.ref\s*==\s*'refs/heads/main'|github\.ref_name\s*==\s*'main'", condition
    )
    if not on_main or "always()" in condition or "||" in condition:
        raise fault(
            f"`if` of `deploy` is {condition!r}" if condition else "`deploy` has no `if`",
            "it holds for refs/heads/main only",
            "the workflow runs for pull requests too: what would they deploy?",
        )


def test_deployments_wait_and_jobs_end(project):
    """Deployments wait for each other, none is cut off, and every job has a time limit"""
    data = workflow(project)
    groups = [g for g in (data.get("concurrency"), data["jobs"]["deploy"].get("concurrency")) if g]
    if not groups:
        raise fault("There is no `concurrency`", "a group", "two pushes within a minute")
    if any(isinstance(g, dict) and g.get("cancel-in-progress") is True for g in groups):
        raise fault(
            "`cancel-in-progress` is true",
            "false, for a deployment at least",
            "in which state a deployment is left that was cancelled half way",
        )
    endless = [job for job in JOBS if not data["jobs"][job].get("timeout-minutes")]
    if endless:
        raise fault(
            f"The job `{endless[0]}` has no `timeout-minutes`",
            "a limit for each job",
            "how long a job may hang when nothing is said: six hours",
        )


def test_the_image_is_built_scanned_and_proven(project):
    """`image` builds, scans, starts and smoke-tests the image"""
    played = play(project, workflow(project), "image")
    wanted = {
        "docker build": re.compile(r"docker (buildx )?build\b"),
        "docker run": re.compile(r"docker (container )?run\b(?!.*trivy)"),
        SMOKE: re.compile(rf"python3? .*{SMOKE} .*--expect"),
    }
    places = []
    for name, pattern in wanted.items():
        found = [n for n, call in enumerate(played.calls) if pattern.search(call)]
        if not found or (places and found[-1] < places[-1]):
            raise mismatch(
                f"The check ran the steps of `image` in {FILE}",
                got=f"They called {played.calls or 'nothing'}",
                expected=f"{', then '.join(wanted)}, with --expect",
                look=f"the step that should call {name}",
            )
        places.append(found[0])
    if not any(
        SCANNERS.search(f"{s.get('uses', '')} {s.get('run', '')}")
        for s in steps_of(project, "image")
    ):
        raise fault(
            "No step of `image` scans it",
            "a scanner, such as trivy",
            "known holes in what you ship",
        )


def failing_job(project, job: str, call: str) -> None:
    played = play(project, workflow(project), job, failing=call)
    if not any(call in line for line in played.calls):
        raise mismatch(
            f"The check ran the steps of `{job}` in {FILE}",
            got=f"They called {played.calls or 'nothing'}",
            expected=f"a call of `{call}`",
            look="the comment at the top: what this job does",
        )
    if not played.failed:
        raise mismatch(
            f"The check ran the steps of `{job}` in {FILE} and let `{call}` fail",
            got="The job went on and succeeded",
            expected="the step fails, and the job with it",
            look="what hides a status: a pipe without `pipefail`, `|| true`, `continue-on-error`, a command "
            "after it in the same line, a loop that ends well",
        )


def test_a_failure_fails_its_job(project):
    """A failing test, build or smoke test fails its job"""
    for job, call in (("test", "pytest"), ("image", "build"), ("image", SMOKE), ("deploy", SMOKE)):
        if call == "pytest":  # `pip install pytest` is no test
            call = "pytest tests" if "pytest tests" in str(steps_of(project, job)) else "-m pytest"
        failing_job(project, job, call)


def test_a_deployment_is_proven_or_rolled_back(project):
    """`deploy` calls the hook, proves what is live, and rolls back when the proof fails"""
    did = f"The check ran the steps of `deploy` in {FILE}"
    good = play(project, workflow(project), "deploy").calls
    hooks = [n for n, call in enumerate(good) if DEPLOY in call]
    proofs = [n for n, call in enumerate(good) if SMOKE in call and "SERVICE_URL" in call]
    if not hooks or not proofs or proofs[-1] < hooks[0]:
        raise mismatch(
            did,
            got=f"They called {good or 'nothing'}",
            expected=f"a POST to the secret DEPLOY_HOOK, then {SMOKE} with the variable SERVICE_URL",
            look="which of the two is missing, and their order",
        )
    if any(ROLLBACK in call for call in good):
        raise mismatch(
            did,
            got="They called ROLLBACK_HOOK though nothing had failed",
            expected="a rollback after a failure only",
            look="the `if` of that step",
        )
    bad = play(project, workflow(project), "deploy", failing=SMOKE).calls
    if not any(ROLLBACK in call for call in bad):
        raise mismatch(
            f"{did} and let the smoke test fail",
            got="Nothing called ROLLBACK_HOOK",
            expected="a POST to the secret ROLLBACK_HOOK",
            look="a step runs after a failure only with `if: failure()`",
        )


def test_secrets_are_not_shown(project):
    """No secret stands in a command or is printed"""
    for job in JOBS:
        for step in steps_of(project, job):
            found = [
                m["text"]
                for m in EXPRESSION.finditer(str(step.get("run", "")))
                if "secrets" in m["text"]
            ]
            if found:
                raise fault(
                    f"A `run` of `{job}` holds {found[0]}",
                    'it is given by `env:` and used as "$NAME"',
                    "what the shell sees: text that becomes part of the command, and of its error messages",
                )
        for failing in ("", SMOKE):
            printed = play(project, workflow(project), job, failing=failing).printed
            if value_of("secrets.") in printed:
                raise mismatch(
                    f"The check ran the steps of `{job}` in {FILE}",
                    got="One of them printed a secret",
                    expected="no secret in the log of a run",
                    look="`echo`, `env`, `set -x` and `curl --verbose`",
                )
