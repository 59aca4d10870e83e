"""What the image must be, judged on the engine itself; what the file alone shows is judged without one."""

import functools
import re

from workbench.boundary.attempts import attempt
from workbench.boundary.outcomes import EnvironmentProblem, mismatch
from workbench.instruments.docker import contents, contexts, dockerfiles, health, volumes
from workbench.instruments.docker.stated import require_stated
from workbench.instruments.docker.stopping import require_stop_in_order
from workbench.instruments.linters.hadolint import require_practice

FILE = "Dockerfile"
MOST_ADDED_MB = 250
LATEST_NOTICE_SECONDS = 60
LOG = "/var/lib/churn"
RESTRICTED = {
    "read_only": True,
    "tmpfs": {"/tmp": ""},
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "volumes": [LOG],
}
SECRET = "only-a-planted-secret\n"
# the same in every run, so that the engine's build cache serves the next check too
PLANTED = {
    path: SECRET
    for path in (
        *(".env", ".env.production", "churn_service/.env", "deploy/tls.key", "client.pem"),
        *("churn_service/tls.key", "model/client.pem"),
        *(".git/config", ".venv/pyvenv.cfg", "churn_service/__pycache__/risk.cpython-311.pyc"),
    )
}
CODE = {".", "./", "churn_service"}
NEEDED = ("requirements.txt", "churn_service/app.py", "model/metadata.json")
KEPT_BACK = (*PLANTED, "tests/test_service.py", "tests/conftest.py", "load_tests/")
UNWANTED = {
    "a secret": re.compile(r"(^|/)\.env(\.[^/]*)?$|(^|/)(tls\.key|client\.pem)$"),
    "a test": re.compile(r"(^|/)tests/test_service\.py$|(^|/)load_tests/"),
    "a cache of pip's": re.compile(r"(^|/)\.cache/pip/"),
    "a compiler": re.compile(r"(^|/)bin/([\w-]+-)?(gcc|g\+\+|cc|clang|rustc|cargo|go)(-\d+)?$"),
    "Git's or an editor's files": re.compile(r"(^|/)\.(git|venv)/"),
}
BODY = (
    b'{"customer_id": "C-1001", "days_since_last_order": 45, "total_orders": 12, '
    b'"lifetime_value": 310.5, "email_open_rate": 0.35}'
)
LOG_LOOK = "the container's log: `docker logs`"


def fault(got: str, expected: str, look: str, file: str = FILE):
    return mismatch(f"The check read {file}", got=got, expected=expected, look=look)


@functools.cache
def planted(project):
    """The project with secrets and other things lying about that no image may hold."""
    if not (project.folder / "model" / "metadata.json").exists():
        raise EnvironmentProblem(
            "There is no model/ in the project to ship",
            look="`python3 -m workbench start --prepare`",
        )
    return project.variant(PLANTED)


@attempt("the image does not build yet")
def image_of(docker, project):
    tag = docker.build(planted(project).folder, what="docker build -t churn-model:v2 .")
    return docker.image(tag)


def base_image(docker, project):
    return docker.image(dockerfiles.base_of(instructions(project)))


@attempt("the image does not start yet")
def containers(docker, project) -> dict:
    """Three containers of the image, started at once, so that they come up side by side."""
    image = image_of(docker, project)
    watched = {"healthcheck": health.OFTEN} if health.health_check_of(image) else {}
    return {
        "plain": docker.start(image.id),
        "read-only": docker.start(image.id, **RESTRICTED),
        "watched": docker.start(image.id, init=True, **watched),
    }


@attempt("the image does not start yet")
def running(docker, project):
    container = containers.result(docker, project)["plain"]
    container.wait_until_it_answers("The check ran `docker run -p 5000:5000 churn-model:v2`")
    return container


def instructions(project) -> list:
    return dockerfiles.parse_dockerfile((project.folder / FILE).read_text(encoding="utf-8"))


def test_the_base_image_has_a_version(project):
    """The base image's tag names its version"""
    if not dockerfiles.stages_of(instructions(project)):
        raise fault(
            "It has no FROM, so there is no image to build",
            "instructions that build the image its first comment describes",
            "the lesson: what an image starts from, what it copies, what it runs",
        )
    require_practice(project, FILE, "DL1000")
    base = dockerfiles.base_of(instructions(project))
    tag = base.rpartition("/")[2].partition(":")[2]
    if "@sha256:" not in base and not re.search(r"\d+\.\d+", tag):
        raise fault(
            f"The last stage is built on {base!r}, which says {tag or 'no version'}",
            "a tag with a version in it, such as python:3.11-slim",
            "FROM: without a version the next build may get another Python than the tests had",
        )


def test_the_file_states_user_command_and_health_check(project):
    """USER, CMD in exec form and HEALTHCHECK are stated"""
    stated = require_stated(dockerfiles.stages_of(instructions(project)), FILE)
    require_practice(project, FILE, "DL3002")
    commands = [stated[name].line for name in ("CMD", "ENTRYPOINT") if name in stated]
    require_practice(project, FILE, "DL3025", commands)


def test_what_changes_most_is_copied_last(project):
    """Dependencies are installed before the code is copied, and .dockerignore keeps .env out"""
    early = dockerfiles.installed_after_code(instructions(project), CODE)
    if early:
        raise fault(
            f"Line {early[0]} copies the code, and line {early[1]} installs after it",
            "the code is copied after the dependencies are installed",
            "what a change of one line of code makes the engine do again",
        )
    patterns = contexts.patterns_of((project.folder / ".dockerignore").read_text(encoding="utf-8"))
    if not any(p in ("*", "**") or re.search(r"\.env|\.\*", p) for p in patterns):
        raise fault(
            f"It has {len(patterns)} patterns, and none of them is about .env",
            "patterns that keep out what its first comment lists",
            "`*` keeps everything out, and `!` lets single things in again",
            ".dockerignore",
        )


def test_the_build_context_is_clean(docker, project, tmp_path):
    """.dockerignore lets in what the image needs, and nothing that must stay out"""
    sent = contexts.sent_files(docker, planted(project).folder, tmp_path)
    contexts.require_sent(sent, NEEDED)
    contexts.require_kept_back(sent, KEPT_BACK)


def test_it_builds(docker, project):
    """The image builds from the project folder"""
    image_of.result(docker, project)


def test_it_starts_and_predicts(docker, project):
    """A container of it starts and predicts, with the versions of requirements.txt"""
    image_of(docker, project)
    container = running.result(docker, project)
    container.send("POST", "/predict", BODY).has_status(200, look=LOG_LOOK)
    contents.require_pinned(
        container, (project.folder / "requirements.txt").read_text(encoding="utf-8")
    )


def test_it_runs_without_the_rights_of_root(docker, project):
    """The service does not run as root"""
    uid = running(docker, project).run(["python", "-c", "import os; print(os.getuid())"]).strip()
    if uid == "0":
        raise mismatch(
            "The check asked for the user id inside the container",
            got="It is 0, which is root",
            expected="any other",
            look="USER: is it in the last stage, and after the instructions that need root?",
        )


def test_it_works_on_a_read_only_file_system(docker, project):
    """It works on a read-only file system, without capabilities, and keeps its log in its volume"""
    image_of(docker, project)
    did = "The check ran it with `--read-only --tmpfs /tmp --cap-drop ALL -v /var/lib/churn`"
    container = containers(docker, project)["read-only"]
    container.wait_until_it_answers(did)
    if why := volumes.refused(container, f"{LOG}/probe"):
        raise mismatch(
            did,
            got=f"Its user could not write to the volume: {why}",
            expected=f"the prediction log can be written to {LOG}",
            look="who owns that folder in the image: a new volume takes over the owner it finds there",
        )
    container.send("POST", "/predict", BODY).has_status(200, look=LOG_LOOK)
    if not volumes.holds_something(container, LOG):
        raise mismatch(
            f"{did} and asked for a prediction",
            got=f"Ten seconds later {LOG} held no prediction log",
            expected="the log is kept there, in the file that CHURN_PREDICTION_LOG names",
            look="ENV: without that setting the service writes its log beside its code, where a "
            "container that is replaced takes it along",
        )


@attempt("the health check does not turn healthy yet")
def healthy(docker, project):
    running(docker, project)
    check = health.health_check_of(image_of(docker, project))
    container = containers(docker, project)["watched"]
    health.require_healthy(container, check)
    return container


def test_the_health_check_turns_healthy(docker, project):
    """The health check turns healthy, and its settings notice a hang within a minute"""
    image_of(docker, project)
    healthy.result(docker, project)
    health.require_notice_within(
        health.health_check_of(image_of(docker, project)), LATEST_NOTICE_SECONDS
    )


def test_the_health_check_turns_unhealthy(docker, project):
    """The health check turns unhealthy when the service hangs"""
    container = healthy(docker, project)
    health.require_unhealthy_when_hung(container, health.health_check_of(image_of(docker, project)))


def test_the_image_holds_nothing_it_must_not(docker, project, shared_folder):
    """No layer holds a secret, a test, a cache or a compiler, and no setting a secret"""
    base, image = base_image(docker, project), image_of(docker, project)
    contents.require_without(image, base, shared_folder / "layers", UNWANTED)
    contents.require_no_secret_set(image)


def test_it_stays_small(docker, project):
    """It weighs at most 250 MB more than its base image"""
    contents.require_small(image_of(docker, project), base_image(docker, project), MOST_ADDED_MB)


def test_a_change_of_code_installs_nothing_again(docker, project, shared_folder):
    """After a change in churn_service/ the dependencies' layer is used again"""
    image = image_of(docker, project)
    risk = (project.folder / "churn_service" / "risk.py").read_text(encoding="utf-8")
    changed = planted(project).variant({"churn_service/risk.py": risk + "\n# one line more\n"})
    after = docker.image(docker.build(changed.folder))
    contents.require_reused(image, after, shared_folder / "layers", marker="/flask/__init__.py")


def test_docker_stop_finishes_what_has_begun(docker, project):
    """On `docker stop` the requests in flight are finished, and the service ends by itself"""
    require_stop_in_order(running(docker, project), "/predict", BODY)
