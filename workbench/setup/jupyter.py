"""JupyterLab at the first lesson."""

import json
import os

from workbench.setup.layout import FIRST_LESSON, Layout, spelled
from workbench.setup.ports import first_free, is_free
from workbench.setup.prepare import require_clone
from workbench.setup.problems import SetupError
from workbench.setup.process import become, clean_environment

USUAL_PORT = 8888


def choose_port(wanted: int | None) -> int:
    """``wanted`` if it is free, else a problem; without a wish, the first free from 8888 on."""
    if wanted is not None and is_free(wanted):
        return wanted
    suggestion = first_free(USUAL_PORT)
    if suggestion is None:
        raise SetupError(
            f"Ports {USUAL_PORT} to {USUAL_PORT + 49} are all taken: stop a server, or name a free "
            f"port with `{spelled('start --port N')}`."
        )
    if wanted is not None:
        raise SetupError(
            f"Port {wanted} is taken by another program: stop it, or run "
            f"`{spelled(f'start --port {suggestion}')}`."
        )
    if suggestion != USUAL_PORT:
        print(f"Port {USUAL_PORT} is taken; using {suggestion}.")
    return suggestion


def jupyter_command(layout: Layout, port: int, *, browser: bool) -> list[str]:
    """JupyterLab that asks nothing, fetches nothing, and stops at the first Ctrl-C."""
    command = [
        str(layout.python),
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={layout.root}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.answer_yes=True",
        "--ServerApp.log_level=WARN",
        f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}",
        f"--LabApp.workspaces_dir={layout.state / 'jupyter' / 'workspaces'}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    if not browser:
        command.append("--ServerApp.open_browser=False")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # a container; the token still guards it
        command.append("--ServerApp.allow_root=True")
    return command


def settle_preferences(layout: Layout) -> None:
    """Answer JupyterLab's first question ("get notified about Jupyter news?") with no.

    And keep all cells of a lesson on the page: lessons are short, and a cell that JupyterLab leaves
    out while it is off the screen shows no number and cannot be found by the browser's search.
    """
    file = layout.venv / "share/jupyter/lab/settings/overrides.json"
    notification = {"fetchNews": "false", "checkForUpdates": False}
    settings = {
        "@jupyterlab/apputils-extension:notification": notification,
        "@jupyterlab/notebook-extension:tracker": {
            "autoStartDefaultKernel": True,
            "windowingMode": "none",
        },
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings, indent=1), encoding="utf-8")


def launch(layout: Layout, *, port: int, browser: bool) -> int:
    """Serve JupyterLab until it is stopped; return its exit status."""
    require_clone(layout, FIRST_LESSON)
    print(f"Opening {FIRST_LESSON} in JupyterLab on port {port}. Stop it with Ctrl-C.", flush=True)
    settle_preferences(layout)
    command = jupyter_command(layout, port, browser=browser)
    return become(command, env=clean_environment(), cwd=layout.root)
