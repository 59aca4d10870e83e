"""What the workflow must be: read as data, and its shell steps played with stand-ins for what they call."""

import re

from workbench.boundary.outcomes import mismatch
from workbench.instruments.documents import read_yaml
from workbench.instruments.github.workflows import EXPRESSION, play, value_of

FILE = ".github/workflows/deploy.yml"
JOBS = ("test", "image", "deploy")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
SCANNERS = re.compile(r"trivy|grype|docker scout|anchore/scan|snyk", re.IGNORECASE)
DEPLOY, ROLLBACK = (value_of(f"secrets.{name}") for name in ("DEPLOY_HOOK", "ROLLBACK_HOOK"))
SMOKE = "deploy/smoke_test.py"
# options of curl that stand alone; of any other, the word behind it may be the value
CURL_ALONE = (
    "--fail --fail-with-body --fail-early --silent --show-error --location --insecure --include "
    "--verbose --compressed --globoff --no-buffer --no-progress-meter --progress-bar --get --head "
    "--retry-all-errors --retry-connrefused --ipv4 --ipv6 --http1.1 --http2 --tlsv1.2"
)
CURL_LETTERS_ALONE = re.compile(r"-[fsSLkivgN#GI46]+")


# What GitHub's reference of the workflow syntax lists; any other key is refused before a job starts.
KEYS = {
    "the workflow": "name run-name on permissions env defaults concurrency jobs",
    "a job": "name permissions needs if runs-on environment concurrency outputs env defaults steps "
    "timeout-minutes strategy continue-on-error container services",
    "a step": "id if name uses run working-directory shell with env continue-on-error timeout-minutes",
    "`concurrency`": "group cancel-in-progress queue",
    "`defaults`": "run",
    "`defaults.run`": "shell working-directory",
}
SHELLS = ("bash", "sh", "pwsh", "python")
RUNNER = re.compile(r"(ubuntu-(latest|slim|\d\d\.04(-arm)?)|\$\{\{.*\}\}|self-hosted)\Z")
ONE_EXPRESSION = re.compile(r"\$\{\{[^{}]*\}\}\Z")
ALONE = (
    "-d",
    "--detach",
    "--rm",
    "--init",
    "--read-only",
    "-P",
    "--publish-all",
    "-i",
    "-t",
    "-it",
)
TEXT = re.compile(r"'[^']*'")
LOOSE_WORD = re.compile(r"[)§]\s*[\w§(]|\w\s+[\w§]")  # two values with no operator in between
INSTALL = re.compile(
    r"(?:^|-m |sudo )(pip3?|uv pip) (install|sync)\b.*"
    r" (-r|--requirement|--requirements) ?\S*requirements\.txt"
)
INSTALLS = re.compile(r"(?:^|-m |sudo )(pip3?|uv pip) (install|sync)\b.*[ \[]pytest\b")
TEST = re.compile(r"(?:^|-m )pytest\b(?P<arguments>.*)")
KNOWN = re.compile(r"python3? .*deploy/record_known\.py model")


PUSHED = (
    r"github\.event_name\s*==\s*'(push|workflow_dispatch)'|github\.event_name\s*!=\s*'pull_request'"
)


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
    loose = LOOSE_WORD.search(TEXT.sub("§", condition))
    not_pushed = "event_name" in condition and not re.search(PUSHED, condition)
    if not on_main or "always()" in condition or "||" in condition or loose or not_pushed:
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


def proves(call: str) -> bool:
    """Whether the smoke test is asked about the live service, with what it should know."""
    return value_of("vars.SERVICE_URL") in call.split() and "--expect" in call


def addresses_of(words: list[str]) -> list[str]:
    """What curl takes for an address: no option, and no option's value."""
    found, is_value = [], False
    for word in words[1:]:
        if word.startswith("-"):
            is_value = word not in CURL_ALONE.split() and not CURL_LETTERS_ALONE.fullmatch(word)
        elif is_value:
            is_value = False
        else:
            found.append(word)
    return found


def require_one_address(did: str, words: list[str]) -> None:
    """curl asks the hook and nothing else: one address that does not answer fails the step."""
    others = [word for word in addresses_of(words) if word not in (DEPLOY, ROLLBACK)]
    if others:
        told = " ".join(words).replace(DEPLOY, "$HOOK").replace(ROLLBACK, "$HOOK")
        raise mismatch(
            did,
            got=f"They called {told}; there curl takes {others[0]!r} for an address too",
            expected="the hook as the only address",
            look="the options: `--output` takes the word behind it, `--show-error` takes none",
        )


def require_posted(did: str, call: str) -> None:
    """A hook is asked by POST, and an answer that refuses fails the step."""
    told = call.replace(DEPLOY, "$HOOK").replace(ROLLBACK, "$HOOK")
    if not re.search(r"(-X ?|--request[ =])POST|\s(-d|--data\S*|--json)\b", call):
        raise mismatch(did, got=f"They called {told}", expected="a POST", look="`--request POST`")
    if not re.search(r"--fail|\s-[a-zA-Z]*f", call):
        raise mismatch(
            did,
            got=f"They called {told}",
            expected="a call that fails when the host refuses",
            look="curl ends well whatever the status, unless it is told `--fail`",
        )


def test_a_deployment_is_proven_or_rolled_back(project):
    """`deploy` calls the hook, proves what is live, and rolls back when the proof fails"""
    did = f"The check ran the steps of `deploy` in {FILE}"
    went_well = play(project, workflow(project), "deploy")
    good = went_well.calls
    hooks = [n for n, call in enumerate(good) if DEPLOY in call.split()]
    proofs = [n for n, call in enumerate(good) if SMOKE in call and proves(call)]
    if not hooks or not proofs or proofs[-1] < hooks[0]:
        raise mismatch(
            did,
            got=f"They called {good or 'nothing'}",
            expected=f"a POST to the secret DEPLOY_HOOK, then {SMOKE} with SERVICE_URL and --expect",
            look="which of the two is missing, and their order",
        )
    if any(ROLLBACK in call for call in good):
        raise mismatch(
            did,
            got="They called ROLLBACK_HOOK though nothing had failed",
            expected="a rollback after a failure only",
            look="the `if` of that step",
        )
    went_wrong = play(project, workflow(project), "deploy", failing=SMOKE)
    bad = went_wrong.calls
    for call in (*good, *bad):
        if call.startswith("curl ") and {DEPLOY, ROLLBACK} & set(call.split()):
            require_posted(did, call)
    for words in (*went_well.words, *went_wrong.words):
        if words[:1] == ["curl"] and {DEPLOY, ROLLBACK} & set(words):
            require_one_address(did, words)
    if not any(ROLLBACK in call.split() for call in bad):
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


def only_known(place: dict, what: str, where: str) -> None:
    unknown = [str(key) for key in place if key is not True and str(key) not in KEYS[what].split()]
    if unknown:
        raise fault(
            f"`{unknown[0]}` is no key of {what}{where}",
            "keys that GitHub's workflow syntax has",
            "its spelling: GitHub refuses the whole file for one key that it does not know",
        )


def test_github_knows_every_key(project):
    """GitHub knows every key and every value, and each step does one thing"""
    data = workflow(project)
    only_known(data, "the workflow", "")
    for where, place in [("", data), *((f" (`{job}`)", data["jobs"][job]) for job in JOBS)]:
        for group in [place.get("concurrency")]:
            if isinstance(group, dict):
                only_known(group, "`concurrency`", where)
                cancels = group.get("cancel-in-progress", False)
                if "group" not in group or not (
                    isinstance(cancels, bool) or ONE_EXPRESSION.match(str(cancels))
                ):
                    raise fault(
                        f"`concurrency` is {group}", "a `group`, and true or false for the other",
                        "what the two keys of `concurrency` hold",
                    )  # fmt: skip
        defaults = place.get("defaults") or {}
        only_known(defaults, "`defaults`", where)
        only_known(defaults.get("run") or {}, "`defaults.run`", where)
    for job in JOBS:
        told = data["jobs"][job]
        only_known(told, "a job", f" (`{job}`)")
        runner = told.get("runs-on")
        if not all(
            RUNNER.match(str(r)) for r in ([runner] if isinstance(runner, str) else runner or [""])
        ):
            raise fault(
                f"`runs-on` of `{job}` is {runner!r}", "a Linux runner, such as ubuntu-24.04",
                "the names of GitHub's runners",
            )  # fmt: skip
        for step in steps_of(project, job):
            check_step(data, job, step)


def check_step(data: dict, job: str, step: dict) -> None:
    only_known(step, "a step", f" (`{job}`)")
    name = step.get("name") or step.get("run") or step.get("uses") or step
    if ("run" in step) == ("uses" in step):
        raise fault(
            f"The step {name!r} of `{job}` has {'both' if 'run' in step else 'neither'} `run` and `uses`"
            if "run" in step
            else f"The step {name!r} of `{job}` has neither `run` nor `uses`",
            "one of the two",
            "the hyphens: each begins a step of its own",
        )
    shells = [place.get("shell") for place in (step, (data.get("defaults") or {}).get("run") or {})]
    odd = [s for s in shells if s and str(s).split()[0] not in SHELLS]
    if odd:
        raise fault(f"`shell` is {odd[0]!r}", f"one of {', '.join(SHELLS)}", "the spelling")
    condition = str(step.get("if", ""))
    if LOOSE_WORD.search(TEXT.sub("§", condition)):
        raise fault(
            f"`if` of the step {name!r} is {condition!r}",
            "an expression",
            "what stands behind its end",
        )


def calls_of(project, job: str) -> list[str]:
    return play(project, workflow(project), job).calls


def test_each_job_has_what_it_needs(project):
    """Each job checks the code out and installs before it runs what needs it"""
    for job in JOBS:
        steps = steps_of(project, job)
        first = next((n for n, s in enumerate(steps) if "run" in s), len(steps))
        if not any(str(s.get("uses", "")).startswith("actions/checkout@") for s in steps[:first]):
            raise fault(
                f"`{job}` runs a command before it checks the code out",
                "actions/checkout first",
                "what a fresh runner holds: each job gets one of its own, and it is empty",
            )
        python = [s for s in steps if str(s.get("uses", "")).startswith("actions/setup-python@")]
        versions = [str((s.get("with") or {}).get("python-version", "3.11")) for s in python]
        if any(v not in ("3.11", "3.12", "3.13") for v in versions):
            raise fault(
                f"`python-version` in `{job}` is {versions[0]}", "3.11, 3.12 or 3.13",
                "which versions the requirements are for",
            )  # fmt: skip
    for job, user, wanted in (
        ("test", TEST, "pytest"), ("image", KNOWN, "deploy/record_known.py model"),
        ("deploy", KNOWN, "deploy/record_known.py model"),
    ):  # fmt: skip
        calls = calls_of(project, job)
        used = [n for n, call in enumerate(calls) if user.search(call) and not INSTALL.search(call)]
        installed = [n for n, call in enumerate(calls) if INSTALL.search(call)]
        if not used or not installed or installed[0] > used[0]:
            raise mismatch(
                f"The check ran the steps of `{job}` in {FILE}",
                got=f"They called {calls}",
                expected=f"requirements.txt is installed, then {wanted} runs",
                look="a runner has Python and none of the project's libraries; `known.json` is made by "
                "deploy/record_known.py, which needs them",
            )
        if user is TEST and not any(map(INSTALLS.search, calls)):
            raise mismatch(
                f"The check ran the steps of `{job}` in {FILE}",
                got=f"They called {calls}",
                expected="pytest is installed, which requirements.txt does not name",
                look="the names after `pip install`",
            )
        if user is TEST and not are_all_there(project, TEST.search(calls[used[0]])["arguments"]):
            raise mismatch(
                f"The check ran the steps of `{job}` in {FILE}",
                got=f"They called {calls[used[0]]}",
                expected="pytest on the project's tests",
                look="the path after `pytest`",
            )


def are_all_there(project, arguments: str) -> bool:
    paths = [word for word in arguments.split() if not word.startswith("-") and "=" not in word]
    return all((project.folder / path).exists() for path in paths)


def value_after(words: list[str], *flags: str) -> str:
    """What follows the first of these flags, as `--flag value` or `--flag=value`."""
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in flags:
            return value if equals else " ".join(words[place + 1 : place + 2])
    return ""


def test_the_image_that_was_built_is_the_one_that_is_proven(project):
    """The image is built under a name, scanned so that a finding fails, started, and asked at its port"""
    calls = calls_of(project, "image")
    did = f"The check ran the steps of `image` in {FILE}"
    build = first_call(calls, r"docker (buildx )?build\b").split()
    tag = value_after(build, "-t", "--tag")
    if not tag or tag.startswith("-") or not (project.folder / build[-1]).is_dir():
        raise mismatch(
            did, got=f"They called {' '.join(build)}", expected="a name for the image, and its folder",
            look="`--tag NAME` and the dot at the end",
        )  # fmt: skip
    run = first_call(calls, r"docker (container )?run\b").split()
    if started_image(run) != tag or not {"-d", "--detach"} & set(run):
        raise mismatch(
            did, got=f"They called {' '.join(run)}", expected=f"the image {tag} started in the background",
            look="`--detach`, and the name that was built",
        )  # fmt: skip
    smoke = first_call(calls, SMOKE)
    asked = re.search(r"http://(?:localhost|127\.0\.0\.1):(?P<port>\d+)\b", smoke)
    published = value_after(run, "-p", "--publish").split(":")
    if not asked or published[-1] != "5000" or published[-2:][0] != asked["port"]:
        raise mismatch(
            did, got=f"They called {' '.join(run)}, then {smoke}",
            expected="the container's port 5000, published where the smoke test asks",
            look="the two numbers of `--publish HOST:CONTAINER`, and the port in the address",
        )  # fmt: skip
    for step in steps_of(project, "image"):
        given = step.get("with") or {}
        if "trivy-action" in str(step.get("uses", "")) and str(given.get("exit-code", "0")) == "0":
            raise fault(
                "The scan has no `exit-code`", '`exit-code: "1"`',
                "what becomes of a finding: without it trivy lists it, and the job goes on",
            )  # fmt: skip
        scans = "trivy-action" in str(step.get("uses", "")) and "input" not in given
        if scans and named(project, given) != tag:
            raise fault(
                f"The scan's `image-ref` is {given.get('image-ref')!r}", f"the image that was built, {tag}",
                "which image is scanned",
            )  # fmt: skip


def started_image(words: list[str]) -> str:
    """The first word of a `docker run` that is no option and no option's value."""
    rest = iter(words[words.index("run") + 1 :])
    for word in rest:
        if not word.startswith("-"):
            return word
        if "=" not in word and word not in ALONE:
            next(rest, None)
    return ""


def first_call(calls: list[str], pattern: str) -> str:
    """The first call of that kind. That there is one is another check's to say."""
    found = next((call for call in calls if re.search(pattern, call)), None)
    if found is None:
        raise mismatch(
            "Not run: the image is not built, started and asked",
            got="",
            expected="these three, in this order",
            look="the first check that did not pass",
        )
    return found


def named(project, given: dict) -> str:
    """The image a scan is given, with the workflow's own variables put in."""
    data = workflow(project)
    variables = (data.get("env") or {}) | (data["jobs"]["image"].get("env") or {})

    def filled(match) -> str:
        name = match["text"].removeprefix("env.")
        text = str(variables.get(name, "")) if match["text"].startswith("env.") else match[0]
        return EXPRESSION.sub(lambda inner: value_of(inner["text"]), text)

    return EXPRESSION.sub(filled, str(given.get("image-ref", "")))
