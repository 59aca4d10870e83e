"""What the stack must be: read as data, held against Compose, and its service run for real."""

import copy
import functools
import re

from workbench.boundary.attempts import attempt
from workbench.boundary.outcomes import LearnerError, mismatch
from workbench.instruments.docker import compose_files, volumes
from workbench.instruments.docker.compose import Stack, compose
from workbench.instruments.docker.crashes import crash_under_load
from workbench.instruments.documents import read_yaml
from workbench.instruments.linters.schemas import require_schema

FILE = "deploy/compose.yaml"
PORTS = {"churn": 5000, "prometheus": 9090}
LOG = "/var/lib/churn"
KEPT = f"{LOG}/kept"
PROMETHEUS = re.compile(
    r"(docker\.io/)?prom/prometheus(:v?\d+\.\d+(\.\d+)?(-[a-z][\w.]*)?|@sha256:\w+)"
)
AMOUNT = {"memory": "an amount that Compose knows, such as 512m", "processors": "a number"}
UNTIL_STOPPED = ("always", "unless-stopped")
BODY = (
    b'{"customer_id": "C-1001", "days_since_last_order": 45, "total_orders": 12, '
    b'"lifetime_value": 310.5, "email_open_rate": 0.35}'
)


def fault(got: str, expected: str, look: str):
    return mismatch(f"The check read {FILE}", got=got, expected=expected, look=look)


def described(project) -> dict:
    """The file's data, when both services are in it."""
    data = read_yaml(project, FILE)
    services = data.get("services")
    services = services if isinstance(services, dict) else {}
    if not all(isinstance(services.get(name), dict) for name in PORTS):
        raise fault(
            f"`services` has {sorted(map(str, services)) or 'nothing in it'}",
            "the two services `churn` and `prometheus`, each with its settings",
            "the names: prometheus.yml finds the service by the name `churn`",
        )
    return data


def service_of(project, name: str) -> dict:
    return described(project)["services"][name]


def test_both_services_are_there(project):
    """The file is YAML and describes `churn` and `prometheus`, built and named as asked"""
    churn, prometheus = service_of(project, "churn"), service_of(project, "prometheus")
    build = churn.get("build")
    context = build.get("context") if isinstance(build, dict) else build
    if churn.get("image") != "churn-model:v2" or str(context).rstrip("/") != "..":
        raise fault(
            f"`churn` has the image {churn.get('image')!r} and is built from {context!r}",
            "the image churn-model:v2, built from `..`, which is the project folder",
            "`build` and `image` together: the one says from what, the other under which name",
        )
    image = str(prometheus.get("image", ""))
    if not PROMETHEUS.fullmatch(image):
        look = "what `latest`, or no tag, will be on the day somebody else starts this"
        expected = "prom/prometheus with a version as its tag"
        raise fault(f"`prometheus` has the image {image!r}", expected, look)


def test_ports_are_published_on_loopback_only(project):
    """Ports 5000 and 9090 are published, on the loopback interface only"""
    for name, port in PORTS.items():
        bindings = compose_files.bindings_of(service_of(project, name))
        if not any(b.outer == b.inner == str(port) for b in bindings):
            raise fault(
                f"`{name}` publishes {service_of(project, name).get('ports') or 'no port'}",
                f"port {port} as port {port}",
                "`ports`: address, port on this machine, port inside, joined by colons",
            )
        for opened in (b for b in bindings if b.is_open):
            raise fault(
                f"`{name}` publishes port {opened.outer} on {opened.address or 'every address'}",
                "the address 127.0.0.1 in front",
                "who can reach it: Docker opens a published port past most firewalls",
            )


def test_prometheus_waits_until_the_service_is_healthy(project):
    """Prometheus starts when the service is healthy"""
    waits = service_of(project, "prometheus").get("depends_on")
    condition = (waits.get("churn") or {}).get("condition") if isinstance(waits, dict) else None
    if condition != "service_healthy":
        raise fault(
            f"`depends_on` of `prometheus` is {waits!r}",
            "it waits for `churn` on the condition that it is healthy",
            "the long form of `depends_on`: a list waits for the start of a container only",
        )
    check = service_of(project, "churn").get("healthcheck") or {}
    if check.get("disable") or check.get("test") in (["NONE"], "NONE"):
        raise fault(
            "The health check of `churn` is switched off",
            "the image's own, or one that asks the service",
            "`healthcheck`: without one, nothing ever becomes healthy",
        )


def test_both_are_started_again(project):
    """Both are started again when they end by themselves"""
    for name in PORTS:
        policy = service_of(project, name).get("restart")
        if policy not in UNTIL_STOPPED:
            shown = "`no`, which YAML reads as false" if policy is False else repr(policy)
            raise fault(
                f"The restart policy of `{name}` is {shown}",
                "one that starts it again after any end that nobody asked for, and after a reboot",
                "`restart`: `on-failure` leaves a service down that ended with status 0",
            )


def test_both_have_limits(project):
    """Both have a limit of memory and of processors"""
    for name in PORTS:
        for kind, limit in compose_files.limits_of(service_of(project, name)).items():
            if not limit:
                look = (
                    "`mem_limit` and `cpus`: one that leaks or spins would take the other with it"
                )
                got, expected = f"no limit of {kind}", f"a limit of {kind} for each of the two"
                raise fault(f"`{name}` has {got}", expected, look)
            if not compose_files.is_amount(kind, limit):
                look = "the unit: b, k, m or g for memory, none for processors"
                raise fault(f"The limit of {kind} of `{name}` is {limit!r}", AMOUNT[kind], look)


def test_the_prediction_log_outlives_the_container(project):
    """The prediction log is on a named volume, and Prometheus gets its settings read-only"""
    churn, prometheus = service_of(project, "churn"), service_of(project, "prometheus")
    named = described(project).get("volumes") or {}
    at_log = [m.source for m in compose_files.mounts_of(churn) if m.target == LOG]
    if not at_log or at_log[0] not in named:
        raise fault(
            f"At {LOG}, `churn` has {at_log[0] + ', which is no named volume' if at_log else 'nothing'}",
            "a volume that is also named under the file's own `volumes`",
            "what `docker compose down` removes: the container, and all that was written inside it",
        )
    settings = ("/etc/prometheus", "/etc/prometheus/prometheus.yml")
    mounts = compose_files.mounts_of(prometheus)
    if not any(mount.target in settings and mount.is_read_only for mount in mounts):
        raise fault(
            f"`prometheus` has the volumes {prometheus.get('volumes')}",
            "prometheus.yml, or its folder, at /etc/prometheus and read-only",
            "`ro` at the end of the short form, `read_only: true` in the long one",
        )


def test_the_key_is_not_in_the_file(project):
    """The pseudonym key comes from outside, and the prediction log's file is named"""
    given = compose_files.variables_of(service_of(project, "churn"))
    key = given.get("CHURN_PSEUDONYM_KEY", "absent")
    if not compose_files.comes_from_outside(key):
        how = "has a default" if str(key).startswith("$") else "is written out"
        raise fault(
            f"CHURN_PSEUDONYM_KEY {'is absent' if key == 'absent' else f'{how} in the file'}",
            "it is handed on from the environment of whoever starts the stack",
            "`${NAME:-}`: this file is in Git, and Git forgets nothing",
        )
    log = str(given.get("CHURN_PREDICTION_LOG", ""))
    if LOG not in log:
        expected = f"a file in {LOG}, where the volume is"
        raise fault(f"CHURN_PREDICTION_LOG is {log!r}", expected, "`environment` of `churn`")


def test_every_key_is_known_to_compose(project):
    """Every key, and every kind of value, is one that Compose knows"""
    described(project)
    require_schema(project, FILE, "vendor.compose-spec")


def test_compose_accepts_it(docker, project):
    """Compose accepts the file"""
    described(project)
    ended = compose(project.folder, "-f", FILE, "config", "--quiet")
    if ended.status != 0:
        raise LearnerError(
            f"The check ran `docker compose -f {FILE} config`",
            f"It said: {ended.output.replace(str(project.folder), '.').strip()[-500:]}",
            "a file that Compose accepts",
            "the name of the setting, and what kind of value it takes",
        )


@functools.cache
def image_of(docker, project) -> str:
    return docker.build(project.folder)


@attempt("the service of the stack does not become healthy yet")
def started(docker, project):
    """The stack with `churn` alone, on a free port, under a name of its own."""
    data = copy.deepcopy(described(project))
    churn = data["services"]["churn"]
    del data["services"]["prometheus"]
    churn.pop("build", None)
    often = (churn.get("healthcheck") or {}) | {"interval": "1s"}
    churn |= {"ports": ["127.0.0.1::5000"], "healthcheck": often}
    churn["image"] = image_of(docker, project)
    stack = Stack(docker, project.folder / "deploy", data)
    did = f"The check started `churn` of {FILE}, as `docker compose up` does"
    ended = stack.compose("up", "--detach")
    container = stack.container("churn", PORTS["churn"])
    if ended.status != 0 or container is None:
        said = ended.output.replace(str(project.folder), ".").strip()[-400:]
        raise LearnerError(did, f"Compose said: {said}", "a service that starts", "what it names")
    container.wait_until_it_answers(did)
    if not container.turns("healthy", against=4):
        raise LearnerError(
            did,
            f"It did not become healthy; the last it wrote was: {container.last_words()}",
            "healthy, so that Prometheus may start",
            "limits that are too tight, a volume it cannot write to, a health check of your own",
        )
    return container


def test_the_service_becomes_healthy_under_its_limits(docker, project):
    """The service becomes healthy under its limits, and can write to its volume"""
    container = started.result(docker, project)
    if why := volumes.refused(container, KEPT, "a prediction"):
        raise mismatch(
            "The check wrote a file where the prediction log goes, as the service's user",
            got=f"It could not: {why}",
            expected=f"a volume at {LOG} that the service's user can write to",
            look="the volume's target, `read_only`, and `user`, if the file changes it",
        )


def test_a_crash_is_survived(docker, project):
    """A service that crashes under load comes back, with what it had written"""
    container = started(docker, project)
    volumes.refused(container, KEPT, "a prediction")
    seen = crash_under_load(container, "/predict", BODY)
    kept = volumes.text_of(container, KEPT)
    if not seen.is_back or kept != "a prediction":
        raise mismatch(
            "The check killed the service's process inside its container, with requests coming in",
            got=f"It was started again {container.restarts} times, back and healthy: {seen.is_back}, the "
            f"file it had written: {kept!r}; {seen.answered} requests were answered, {seen.failed} failed",
            expected="it is started again, becomes healthy, and finds its file",
            look="the restart policy, and where the volume is mounted",
        )
