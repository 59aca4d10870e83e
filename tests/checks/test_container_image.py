"""What the image must be, judged on the engine itself; what the file alone shows is judged without one."""

import functools
import json
import re
import tarfile
import threading
import time

from workbench.boundary.attempts import attempt
from workbench.boundary.outcomes import EnvironmentProblem, mismatch
from workbench.instruments.docker.dockerfiles import base_of, layers_of, parse_dockerfile, stages_of
from workbench.instruments.docker.uploads import Upload

FILE = "Dockerfile"
MOST_ADDED_MB = 250
LATEST_NOTICE_SECONDS = 60
GRACE_SECONDS = 10
UPLOADS = 8
SECOND = 10**9
RESTRICTED = {
    "read_only": True,
    "tmpfs": {"/tmp": ""},
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "volumes": ["/var/lib/churn"],
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
NEEDED = ("requirements.txt", "churn_service/app.py", "model/metadata.json")
UNWANTED = {
    "a secret": re.compile(r"(^|/)\.env(\.[^/]*)?$|(^|/)(tls\.key|client\.pem)$"),
    "a test": re.compile(r"(^|/)tests/test_service\.py$|(^|/)load_tests/"),
    "a cache of pip's": re.compile(r"(^|/)\.cache/pip/"),
    "a compiler": re.compile(r"(^|/)bin/([\w-]+-)?(gcc|g\+\+|cc|clang|rustc|cargo|go)(-\d+)?$"),
    "Git's or an editor's files": re.compile(r"(^|/)\.(git|venv)/"),
}
CUSTOMER = {
    "customer_id": "C-1001",
    "days_since_last_order": 45,
    "total_orders": 12,
    "lifetime_value": 310.5,
    "email_open_rate": 0.35,
}
BODY = json.dumps(CUSTOMER).encode()
LOG_APPEARS = """
import pathlib, time
for _ in range(100):
    if any(file.is_file() and file.stat().st_size for file in pathlib.Path("/var/lib/churn").rglob("*")):
        print("kept")
        break
    time.sleep(0.1)
"""
VERSIONS = """
import importlib.metadata as m, json, sys
print(json.dumps({d.metadata["Name"].lower().replace("_", "-"): d.version for d in m.distributions()}))
"""


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
def image_of(docker, project) -> str:
    return docker.build(planted(project).folder, what="docker build -t churn-model:v2 .")


@functools.cache
def health_check(docker, project) -> dict:
    """The image's HEALTHCHECK as the engine knows it; empty when there is none."""
    check = settings_of(docker, project).get("Healthcheck") or {"Test": ["NONE"]}
    return {} if check["Test"] == ["NONE"] else check


@attempt("the image does not start yet")
def containers(docker, project) -> dict:
    """Three containers of the image, started at once, so that they come up side by side."""
    tag = image_of(docker, project)
    often = {"interval": SECOND // 2, "timeout": 3 * SECOND, "retries": 1}
    watched = {"healthcheck": often} if health_check(docker, project) else {}
    return {
        "plain": docker.start(tag),
        "read-only": docker.start(tag, **RESTRICTED),
        "watched": docker.start(tag, init=True, **watched),
    }


@attempt("the image does not start yet")
def running(docker, project):
    container = containers.result(docker, project)["plain"]
    container.wait_until_it_answers("The check ran `docker run -p 5000:5000 churn-model:v2`")
    return container


def settings_of(docker, project) -> dict:
    return docker.image(image_of(docker, project)).attrs["Config"]


def stages(project) -> list:
    return stages_of(parse_dockerfile((project.folder / FILE).read_text(encoding="utf-8")))


def test_the_base_image_has_a_version(project):
    """The base image's tag names its version"""
    if not stages(project):
        raise mismatch(
            f"The check read {FILE}",
            got="It has no FROM, so there is no image to build",
            expected="instructions that build the image its first comment describes",
            look="the lesson: what an image starts from, what it copies, what it runs",
        )
    base = base_of(stages(project))
    _, _, tag = base.rpartition("/")[2].partition(":")
    if "@sha256:" not in base and not re.search(r"\d+\.\d+", tag):
        raise mismatch(
            f"The check read {FILE}",
            got=f"The last stage is built on {base!r}, which says {tag or 'no version'}",
            expected="a tag with a version in it, such as python:3.11-slim",
            look="FROM: without a version the next build may get another Python than the tests had",
        )


def test_the_file_states_user_command_and_health_check(project):
    """USER, CMD in exec form and HEALTHCHECK are stated"""
    last = stages(project)[-1] if stages(project) else []
    stage = {instruction.keyword: instruction for instruction in last}
    problem = ""
    user = stage.get("USER")
    commands = [stage[name] for name in ("ENTRYPOINT", "CMD") if name in stage]
    shell = [command for command in commands if not command.words]
    if not user or user.text.partition(":")[0].lower() in ("root", "0"):
        problem = "USER names root" if user else "The last stage has no USER, so it runs as root"
        expected, look = "USER with another name or number", "what an intruder could do as root"
    elif not commands:
        problem, expected = "There is neither CMD nor ENTRYPOINT", 'CMD ["python", ...]'
        look = "the last line: what a container of this image runs"
    elif shell:
        problem = (
            f"{shell[0].keyword} in line {shell[0].line} has the shell form: `{shell[0].text}`"
        )
        expected = f'the exec form, a JSON list: {shell[0].keyword} ["...", "..."]'
        look = (
            "who becomes process 1: a shell gets the signal of `docker stop`, the service may not"
        )
    elif "HEALTHCHECK" not in stage or stage["HEALTHCHECK"].text.upper() == "NONE":
        problem, expected = "There is no HEALTHCHECK in the last stage", "one that asks the service"
        look = "HEALTHCHECK: without it a container that hangs looks as well as one that works"
    if problem:
        raise mismatch(f"The check read {FILE}", got=problem, expected=expected, look=look)


def test_what_changes_most_is_copied_last(project):
    """Dependencies are installed before the code is copied, and .dockerignore keeps .env out"""
    for stage in stages(project):
        install = [i.line for i in stage if i.keyword == "RUN" and "pip" in i.text.split()]
        copies = [i for i in stage if i.keyword in ("COPY", "ADD") and "--from" not in i.text]
        early = [i for i in copies if {".", "./", "churn_service"} & set(i.text.split()[:-1])]
        if install and early and early[0].line < install[0]:
            raise mismatch(
                f"The check read {FILE}",
                got=f"Line {early[0].line} copies the code, and line {install[0]} installs after it",
                expected="the code is copied after the dependencies are installed",
                look="what a change of one line of code makes the engine do again",
            )
    lines = (project.folder / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not any(p in ("*", "**") or re.search(r"\.env|\.\*", p) for p in patterns):
        raise mismatch(
            "The check read .dockerignore",
            got=f"It has {len(patterns)} patterns, and none of them is about .env",
            expected="patterns that keep out what its first comment lists",
            look="`*` keeps everything out, and `!` lets single things in again",
        )


def test_the_build_context_is_clean(docker, project, tmp_path):
    """.dockerignore lets in what the image needs, and nothing that must stay out"""
    (tmp_path / "All").write_text("FROM scratch\nCOPY . /\n", encoding="utf-8")
    sent, what = tmp_path / "sent.tar", "docker build"
    options = ("--file", str(tmp_path / "All"), "--output", f"type=tar,dest={sent}")
    docker.build_with(planted(project).folder, *options, what=what)
    with tarfile.open(sent) as archive:
        names = {member.name.removeprefix("./") for member in archive if not member.isdir()}
    did = "The check planted secrets, caches and a .git, and sent the build context to the engine"
    missing = [path for path in NEEDED if path not in names]
    if missing:
        raise mismatch(
            did,
            got=f"{missing[0]} was not sent",
            expected=f"{', '.join(NEEDED)} and what lies beside them are sent",
            look=".dockerignore: the last pattern that matches a path decides; `!` lets it in again",
        )
    tests = {"tests/test_service.py", "tests/conftest.py"}
    extra = sorted(
        names & (PLANTED.keys() | tests) | {n for n in names if n.startswith("load_tests/")}
    )
    if extra:
        raise mismatch(
            did,
            got=f"{extra[0]} was sent" + (f", and {len(extra) - 1} more" if extra[1:] else ""),
            expected="it stays out, at any depth",
            look=".dockerignore: `.env` matches at the top only, `**/.env` everywhere; and a key that "
            "was sent is one `COPY . .` away from the image",
        )


def test_it_builds(docker, project):
    """The image builds from the project folder"""
    image_of.result(docker, project)


def test_it_starts_and_predicts(docker, project):
    """A container of it starts and predicts, with the versions of requirements.txt"""
    image_of(docker, project)
    container = running.result(docker, project)
    reply = container.send("POST", "/predict", BODY)
    reply.has_status(200, look="the container's log: `docker logs`")
    pins = dict(
        re.findall(r"(?m)^([\w-]+)==(\S+)", (project.folder / "requirements.txt").read_text())
    )
    found = json.loads(container.run(["python", "-c", VERSIONS]) or "{}")
    for name, pin in pins.items():
        if found.get(name) != pin:
            raise mismatch(
                "The check listed the packages in the container",
                got=f"{name} is {found.get(name, 'missing')}",
                expected=f"{name} {pin}, as requirements.txt pins it",
                look="the RUN that installs: `pip install -r requirements.txt`",
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
    script = "open('/var/lib/churn/probe', 'w').close(); print('written')"
    said = container.run(["python", "-c", script]).strip()
    if said != "written":
        raise mismatch(
            did,
            got=f"Its user could not write to the volume: {said.splitlines()[-1] if said else ''}",
            expected="the prediction log can be written to /var/lib/churn",
            look="who owns that folder in the image: a new volume takes over the owner it finds there",
        )
    container.send("POST", "/predict", BODY).has_status(
        200, look="the container's log: `docker logs`"
    )
    if container.run(["python", "-c", LOG_APPEARS]).strip() != "kept":
        raise mismatch(
            f"{did} and asked for a prediction",
            got="Ten seconds later /var/lib/churn held no prediction log",
            expected="the log is kept there, in the file that CHURN_PREDICTION_LOG names",
            look="ENV: without that setting the service writes its log beside its code, where a "
            "container that is replaced takes it along",
        )


@attempt("the health check does not turn healthy yet")
def healthy(docker, project):
    running(docker, project)
    check = health_check(docker, project)
    if not check:
        raise mismatch("Not run: there is no HEALTHCHECK", got="", expected="", look="check 2")
    container = containers(docker, project)["watched"]
    did = "The check started the image and waited for its HEALTHCHECK"
    container.wait_until_it_answers(did)
    if not container.turns("healthy", against=3):
        probe = (container.probes() or [{"ExitCode": "?", "Output": ""}])[-1]
        raise mismatch(
            did,
            got=f"The service answers, yet `{' '.join(check['Test'][1:])[:200]}` ended with status "
            f"{probe['ExitCode']}: {probe['Output'].strip()[-250:]}",
            expected="status 0 while the service answers",
            look="what a slim image has: Python is there; curl and wget are not",
        )
    return container


def test_the_health_check_turns_healthy(docker, project):
    """The health check turns healthy, and its settings notice a hang within a minute"""
    image_of(docker, project)
    healthy.result(docker, project)
    check = health_check(docker, project)
    interval, timeout = (check.get(name, 0) / SECOND or 30 for name in ("Interval", "Timeout"))
    retries = check.get("Retries") or 3
    latest = (interval + timeout) * retries
    if latest > LATEST_NOTICE_SECONDS:
        raise mismatch(
            "The check read the image's HEALTHCHECK",
            got=f"A hang would show after ({interval:g} + {timeout:g}) x {retries} = {latest:g} s",
            expected=f"at most {LATEST_NOTICE_SECONDS} s",
            look="--interval, --timeout and --retries; left out, they are 30s, 30s and 3",
        )


def test_the_health_check_turns_unhealthy(docker, project):
    """The health check turns unhealthy when the service hangs"""
    container = healthy(docker, project)
    container.hang()
    overlooks = container.probe_passes(health_check(docker, project)["Test"])
    if overlooks or not container.turns("unhealthy", against=3):
        raise mismatch(
            "The check stopped the service's processes (SIGSTOP), so that it answered nothing",
            got="The health check ended with status 0 all the same",
            expected="it ends with another status, and the container turns unhealthy",
            look="what it asks: a process that exists may still answer nobody",
        )


def test_the_image_holds_nothing_it_must_not(docker, project, shared_folder):
    """No layer holds a secret, a test, a cache or a compiler, and no setting a secret"""
    bottom = set(docker.image(base_of(stages(project))).attrs["RootFS"]["Layers"])
    image = docker.image(image_of(docker, project))
    for layer in layers_of(image, shared_folder / "layers"):
        for kind, pattern in UNWANTED.items():
            held = sorted(filter(pattern.search, layer.files if layer.digest not in bottom else ()))
            if held:
                raise mismatch(
                    "The check listed the files of each layer of the image",
                    got=f"/{held[0]} is in one, which is {kind}",
                    expected="in no layer: who has the image has all of its layers",
                    look="what COPY takes in, and RUN leaves behind; deleting it in a later "
                    "instruction hides it from the container, not from the image",
                )
    for setting in settings_of(docker, project).get("Env") or []:
        name, _, value = setting.partition("=")
        if re.search("KEY|SECRET|TOKEN|PASSWORD", name) and name != "GPG_KEY" and value:
            raise mismatch(
                "The check read the image's settings with `docker inspect`",
                got=f"{name} is set in the image",
                expected="secrets are given to the container when it starts",
                look="ENV and ARG: everyone who can pull the image can read them",
            )


def test_it_stays_small(docker, project):
    """It weighs at most 250 MB more than its base image"""
    sizes = [
        docker.image(tag).attrs["Size"]
        for tag in (image_of(docker, project), base_of(stages(project)))
    ]
    added = (sizes[0] - sizes[1]) / 1e6
    if added > MOST_ADDED_MB:
        raise mismatch(
            "The check compared the image's size with its base image's",
            got=f"It weighs {added:.0f} MB more",
            expected=f"at most {MOST_ADDED_MB} MB more",
            look="`docker history`: which layer is the largest, and is all of it needed at run time?",
        )


def test_a_change_of_code_installs_nothing_again(docker, project, shared_folder):
    """After a change in churn_service/ the dependencies' layer is used again"""
    image_of(docker, project)
    risk = (project.folder / "churn_service" / "risk.py").read_text(encoding="utf-8")
    changed = planted(project).variant({"churn_service/risk.py": risk + "\n# one line more\n"})
    after = docker.image(docker.build(changed.folder)).attrs["RootFS"]["Layers"]
    image = docker.image(image_of(docker, project))
    for layer in layers_of(image, shared_folder / "layers"):
        is_dependencies = any(name.endswith("/flask/__init__.py") for name in layer.files)
        if is_dependencies and layer.digest not in after:
            raise mismatch(
                "The check changed one line of churn_service/risk.py and built again",
                got="The layer that holds Flask was made anew: everything was installed again",
                expected="only the layers that hold the service's own code change",
                look="the order: what is copied before the RUN that installs? Any change there "
                "repeats it; requirements.txt is all that it needs",
            )


def test_docker_stop_finishes_what_has_begun(docker, project):
    """On `docker stop` the requests in flight are finished, and the service ends by itself"""
    container = running(docker, project)
    port = container.port
    begun = [Upload(port, "/predict", BODY) for _ in range(UPLOADS)]
    container.send("GET", "/health")  # answered after the eight have arrived
    stopping = threading.Thread(target=lambda: container.made.stop(timeout=GRACE_SECONDS))
    stopping.start()
    time.sleep(0.5)
    answers = [upload.finish() for upload in begun]
    stopping.join()
    did = f"The check ran `docker stop` while {UPLOADS} requests were half sent, then sent the rest"
    failed = [str(answer) for answer in answers if answer != 200]
    if failed:
        raise mismatch(
            did,
            got=f"{len(failed)} of {UPLOADS} were not answered with 200, the first: {failed[0]}",
            expected="each gets its answer before the service ends",
            look="STOPSIGNAL and CMD: which signal does the service get, and does it wait for its work?",
        )
    if container.state["ExitCode"] == 137:
        raise mismatch(
            did,
            got=f"It went on as if nothing had been said, and was killed after {GRACE_SECONDS} s",
            expected="it ends by itself as soon as the requests are answered",
            look="who is process 1 in the container: a shell there keeps the signal to itself; "
            "`exec` in front of the service's command replaces the shell",
        )
