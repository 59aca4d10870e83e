"""The pinned packages: installed once per requirements file, with a stamp that proves it."""

import re

from workbench.setup import installers
from workbench.setup.environment import Run, require_space
from workbench.setup.layout import Layout
from workbench.setup.problems import SetupError, explain, recognise
from workbench.setup.process import last_line
from workbench.setup.progress import plain_bar
from workbench.setup.stamps import content_hash, read_stamp, write_stamp


def installed(layout: Layout) -> set[str]:
    """Names and versions of what ``.venv`` holds, as its metadata folders spell them."""
    folder = layout.site_packages
    return {path.name for path in folder.glob("*.dist-info")} if folder else set()


def packages_facts(layout: Layout, requirements: str) -> dict:
    """What the stamp of an installed requirements file must say for it to count."""
    folder = layout.site_packages
    return {
        "requirements": content_hash([layout.root / requirements]),
        "python": folder.parent.name if folder else "",
    }


def packages_ready(layout: Layout, requirements: str) -> bool:
    """Whether exactly this file was installed, and all it brought is still there."""
    if layout.unfinished.exists():
        return False
    stamp = read_stamp(layout.packages_stamp(requirements)) or {}
    facts = packages_facts(layout, requirements)
    return {name: stamp.get(name) for name in facts} == facts and set(
        stamp.get("installed", ["never"])
    ) <= installed(layout)


def install_packages(run: Run, requirements: str, name: str) -> None:
    """Install a pinned requirements file into ``.venv``."""
    layout = run.layout
    run.progress.begin(name)
    if packages_ready(layout, requirements):
        return run.progress.say("ready")
    require_space(layout.root)
    run.progress.announce()
    settings = installers.pip_settings(layout.python)
    # A kill in the middle leaves packages that look installed and are not: after one, the next
    # start sees this file and makes .venv again. The download cache makes that quick.
    layout.unfinished.write_text(f"installing {requirements}\n", encoding="utf-8")
    before = installed(layout)
    try:
        has_uv = _has_uv(run)
        before = installed(layout)
        if not (has_uv and _install(run, "uv", requirements, name, settings)):
            _install(run, "pip", requirements, name, settings)
    except SetupError:
        if installed(layout) == before:  # it failed before it changed anything
            layout.unfinished.unlink()
        raise
    facts = packages_facts(layout, requirements)
    stamp = layout.packages_stamp(requirements)
    write_stamp(stamp, {**facts, "installed": sorted(installed(layout))})
    layout.unfinished.unlink()
    return run.progress.done()


def _has_uv(run: Run) -> bool:
    """Get uv into ``.venv``; False when it is not on offer, which only costs speed."""
    python = run.layout.python
    if any(path.startswith("uv-") for path in installed(run.layout)):
        return True
    command = installers.pip_command(python, installers.UV)
    status, output, log = run.execute(command, "uv", installers.pip_environment())
    if status and recognise(output) in ("network", "certificate", "disk"):
        raise explain("Getting uv, the installer", output, log)
    if status:
        run.progress.say("uv cannot be had here; using pip, which takes a minute or two longer")
    return status == 0


def _install(run: Run, tool: str, requirements: str, name: str, settings: dict) -> bool:
    """Install with ``tool``; False when uv failed in a way that pip might not."""
    python, file = run.layout.python, run.layout.root / requirements
    if tool == "uv":
        command = installers.uv_command(python, file, settings)
        env = installers.uv_environment(settings)
    else:
        command, env = installers.pip_command(python, "-r", str(file)), installers.pip_environment()
    before, expected = len(installed(run.layout)), len(installers.pinned_names(file))

    def detail(output: str) -> str:
        if re.search(r"^Installed \d+ packages", output, re.MULTILINE):
            return "compiling"
        total = re.search(r"Resolved (\d+) packages", output)
        done = len(installed(run.layout)) - before
        wanted = max(int(total[1]) if total else expected, done, 1)
        return f"{plain_bar(done, wanted)} packages" if done > 0 else last_line(output)

    status, output, log = run.execute(command, f"packages-{tool}", env, detail)
    if status == 0:
        return True
    if tool == "uv" and recognise(output) not in ("network", "certificate", "disk", "hash"):
        run.progress.say("uv could not install the packages; trying pip")
        return False
    raise explain(name, output, log)
