"""What the two hosts are told, read as data and held against what each host documents."""

import re

from workbench.boundary.outcomes import mismatch
from workbench.instruments.documents import read_json, read_yaml

RENDER, RAILWAY = "render.yaml", "railway.json"
KEY = "CHURN_PSEUDONYM_KEY"
# The fields of a web service that Render's blueprint reference describes.
RENDER_FIELDS = """
type name runtime env plan region repo branch dockerfilePath dockerContext dockerCommand
registryCredential healthCheckPath autoDeploy autoDeployTrigger envVars numInstances scaling disk
domains domain buildFilter previews previewPlan preDeployCommand rootDir maxShutdownDelaySeconds
image initialDeployHook ipAllowList maintenanceMode renderSubdomainPolicy
"""
# What one of its variables may hold, and the names of its regions and plans.
RENDER_VARIABLE = "key value generateValue sync previewValue fromDatabase fromService fromGroup"
RENDER_NAMES = {
    "region": ("oregon", "ohio", "virginia", "frankfurt", "singapore"),
    "plan": ("free", "starter", "standard", "pro", "pro plus", "pro max", "pro ultra"),
}
# The fields of the two parts in Railway's schema (railway.com/railway.schema.json).
RAILWAY_BUILD = """
builder dockerfilePath buildCommand watchPatterns nixpacksConfigPath nixpacksPlan nixpacksVersion
railpackVersion
"""
RAILWAY_DEPLOY = """
startCommand preDeployCommand healthcheckPath healthcheckTimeout restartPolicyType
restartPolicyMaxRetries numReplicas cronSchedule region multiRegionConfig sleepApplication runtime
overlapSeconds drainingSeconds limitOverride requiredMountPath
"""
RAILWAY_PARTS = ("$schema", "build", "deploy", "environments")
RAILWAY_FIELDS = {"build": RAILWAY_BUILD, "deploy": RAILWAY_DEPLOY}


def fault(file: str, got: str, expected: str, look: str):
    return mismatch(f"The check read {file}", got=got, expected=expected, look=look)


def web_service(project) -> dict:
    services = read_yaml(project, RENDER).get("services")
    found = [s for s in services or [] if isinstance(s, dict)] if isinstance(services, list) else []
    if len(found) != 1 or found[0].get("type") != "web" or not found[0].get("name"):
        raise fault(
            RENDER,
            f"`services` holds {[s.get('type') for s in found] or 'nothing'}",
            "one entry, of `type: web`, with a name",
            "`services` is a list: its entry begins with a hyphen",
        )
    return found[0]


def variables_of(service: dict) -> dict[str, dict]:
    listed = service.get("envVars") or []
    return {v["key"]: v for v in listed if isinstance(v, dict) and "key" in v}


def test_render_builds_the_dockerfile(project):
    """Render builds the Dockerfile, and every field is one that it knows"""
    service = web_service(project)
    unknown = sorted(map(str, set(service) - set(RENDER_FIELDS.split())))
    if unknown:
        raise fault(
            RENDER,
            f"`{unknown[0]}` is no field of a web service",
            "fields from Render's blueprint reference",
            "its spelling, capitals included",
        )
    if (service.get("runtime") or service.get("env")) != "docker":
        raise fault(
            RENDER,
            f"`runtime` is {service.get('runtime')!r}",
            "docker",
            "what Render would build without it: it guesses from the files",
        )
    for field, names in RENDER_NAMES.items():
        if field in service and service[field] not in names:
            raise fault(
                RENDER, f"`{field}` is {service[field]!r}", f"one of {', '.join(names)}",
                "the blueprint reference; a field that is left out has a default",
            )  # fmt: skip
    named = str(service.get("dockerfilePath", "./Dockerfile")).removeprefix("./")
    if not (project.folder / named).is_file():
        raise fault(RENDER, f"There is no {named} in the project", "Dockerfile", "`dockerfilePath`")


def test_render_waits_for_ready_and_for_proof(project):
    """Render moves traffic to a release that is ready, and deploys what was proven"""
    service = web_service(project)
    if service.get("healthCheckPath") != "/ready":
        raise fault(
            RENDER,
            f"`healthCheckPath` is {service.get('healthCheckPath')!r}",
            "/ready",
            "which of the two addresses says that the model can predict",
        )
    trigger = service.get("autoDeployTrigger", "commit")
    if trigger not in ("off", "checksPass"):
        shown = "false: `off` without quotes" if trigger is False else repr(trigger)
        raise fault(
            RENDER,
            f"`autoDeployTrigger` is {shown}",
            'the text "off", or checksPass',
            "who decides that a release goes live; without this field it is each commit",
        )


def test_secrets_are_named_not_told(project):
    """The key is named in render.yaml, and its value is not there"""
    given = variables_of(web_service(project))
    key = given.get(KEY)
    if (
        key is None
        or "value" in key
        or not (key.get("generateValue") is True or key.get("sync") is False)
    ):
        kept = "its value is written out" if key and "value" in key else "no source is named"
        raise fault(
            RENDER,
            f"{KEY} is not among `envVars`" if key is None else f"For {KEY}, {kept}",
            "`generateValue: true`, or `sync: false`",
            "where the value comes from when it does not stand in the file",
        )


def test_each_variable_has_a_name_and_a_source(project):
    """Each variable in render.yaml has a key, a source, and nothing that Render does not know"""
    for entry in web_service(project).get("envVars") or []:
        known = set(RENDER_VARIABLE.split())
        fields = set(entry) if isinstance(entry, dict) else set()
        is_named = "fromGroup" in fields or ("key" in fields and len(fields) > 1)
        if not fields or fields - known or not is_named:
            raise fault(
                RENDER,
                f"An entry of `envVars` is {entry!r}",
                "`key`, and where its value comes from: `value`, `generateValue: true` or `sync: false`",
                "the names beside the hyphen, letter by letter",
            )


def test_the_host_chooses_the_port(project):
    """No file fixes the port"""
    service = web_service(project)
    deploy = read_json(project, RAILWAY).get("deploy")
    commands = {
        RENDER: str(service.get("dockerCommand", "")),
        RAILWAY: str(deploy.get("startCommand", "")) if isinstance(deploy, dict) else "",
    }
    for file, command in commands.items():
        if command:
            fixes = "fixes the port" if re.search(r"--port[ =]+\d", command) else "is one too many"
            raise fault(
                file,
                f"The command `{command}` {fixes}",
                "no command at all: the image has one, and it reads PORT",
                "which port the host will ask when it looks for the service",
            )
    if "PORT" in variables_of(service):
        raise fault(
            RENDER, "PORT is among `envVars`", "the host sets it", "what happens when two set it"
        )


def test_railway_builds_and_asks(project):
    """Railway builds the Dockerfile, waits for /ready, and restarts what has ended"""
    told = read_json(project, RAILWAY)
    unknown = sorted(set(told) - set(RAILWAY_PARTS))
    if unknown:
        raise fault(
            RAILWAY,
            f"`{unknown[0]}` is no field of Railway's file",
            f"nothing but {', '.join(RAILWAY_PARTS)}",
            "where secrets belong: each host's dashboard keeps them, a file in Git gives them away",
        )
    for part, fields in RAILWAY_FIELDS.items():
        given = told.get(part)
        if not isinstance(given, dict):
            raise fault(
                RAILWAY, f"`{part}` is {given!r}", "an object", "the two parts, build and deploy"
            )
        unknown = sorted(set(given) - set(fields.split()))
        if unknown:
            raise fault(
                RAILWAY,
                f"`{unknown[0]}` is no field of `{part}`",
                "fields from Railway's reference",
                "its spelling: `healthcheck` is one word there",
            )
    build, deploy = told["build"], told["deploy"]
    if build.get("builder") != "DOCKERFILE" or build.get("dockerfilePath") not in (
        "Dockerfile",
        "./Dockerfile",
    ):
        raise fault(
            RAILWAY, f"`build` is {build}", "the builder DOCKERFILE, and its file", "`build`"
        )
    patience = deploy.get("healthcheckTimeout")
    if deploy.get("healthcheckPath") != "/ready" or type(patience) is not int or patience < 1:
        raise fault(
            RAILWAY,
            f"`deploy` asks {deploy.get('healthcheckPath')!r}, for {patience!r} seconds",
            "/ready, for a whole number of seconds",
            "`healthcheckPath` and `healthcheckTimeout`",
        )
    if deploy.get("restartPolicyType") not in ("ALWAYS", "ON_FAILURE"):
        raise fault(
            RAILWAY,
            f"`restartPolicyType` is {deploy.get('restartPolicyType')!r}",
            "ALWAYS or ON_FAILURE",
            "what becomes of a service that has ended",
        )
