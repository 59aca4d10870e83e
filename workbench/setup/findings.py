"""What ``doctor`` looks at on the machine itself: each function returns one or more findings."""

import ctypes
import os
import shutil
import subprocess
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path

from workbench.sandbox.protections import active, missing
from workbench.setup.environment import NEEDED_BYTES
from workbench.setup.layout import Layout, spelled
from workbench.setup.ports import is_free
from workbench.setup.process import clean_environment

GIB = 1 << 30
PORTS = {
    8888: ("JupyterLab", f"`{spelled('start')}` takes the next free port by itself"),
    5000: ("the churn service", "stop that program; on macOS it may be AirPlay Receiver"),
    8000: ("the lesson pages", "stop that program while you read the pages locally"),
    8089: ("Locust", "stop that program before a load test"),
    9090: ("Prometheus", "stop that program before the monitoring lessons"),
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox", "msedge")


@dataclass(frozen=True)
class Finding:
    """``status`` is ok, warning, or missing (the course cannot do without it)."""

    name: str
    status: str
    seen: str
    fix: str = ""


def _ask(command: list[str], timeout_seconds: float = 15) -> str | None:
    """What a program prints, or None when it fails, hangs, or is not there."""
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout_seconds,
            env=clean_environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def find_python(layout: Layout) -> Finding:
    bits = 64 if sys.maxsize > 2**32 else 32
    version = ".".join(map(str, sys.version_info[:3]))
    seen = f"{version}, {bits} bits, {sys.executable}"
    if bits == 32:
        return Finding("python", "missing", seen, "install a 64-bit Python 3.11, 3.12 or 3.13")
    return Finding("python", "ok", seen)


def find_cores(layout: Layout) -> Finding:
    cores = os.cpu_count() or 1
    fix = "" if cores > 1 else "it works; tests and load tests will be slow"
    return Finding("cores", "ok" if cores > 1 else "warning", str(cores), fix)


def memory_bytes() -> int | None:
    """Memory this process may use, in bytes: the machine's, or its container's limit."""
    if os.name == "nt":
        size = ctypes.c_ulonglong()
        if not ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(size)):
            return None
        return size.value * 1024
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.exists() else "max"
    return min(total, int(text)) if text.isdecimal() else total


def find_memory(layout: Layout) -> Finding:
    size = memory_bytes()
    if size is None:
        return Finding("memory", "warning", "not known", "see that there are 4 GB")
    seen = f"{size / GIB:.1f} GB"
    if size < 3.5 * GIB:
        return Finding("memory", "warning", seen, "close other programs; 4 GB is comfortable")
    return Finding("memory", "ok", seen)


def find_disk(layout: Layout) -> Finding:
    free = shutil.disk_usage(layout.root).free
    needed = 0.5 * GIB if layout.python.exists() else NEEDED_BYTES
    seen = f"{free / GIB:.1f} GB free"
    if free < needed:
        return Finding("disk", "missing", seen, f"free some space: {needed / GIB:.1f} GB is needed")
    return Finding("disk", "ok", seen)


def find_ports(layout: Layout) -> list[Finding]:
    findings = []
    for port, (use, fix) in PORTS.items():
        if is_free(port):
            findings.append(Finding(f"port {port}", "ok", f"free, for {use}"))
        else:
            seen = f"taken by {_port_owner(layout, port)}; {use} uses it"
            findings.append(Finding(f"port {port}", "warning", seen, fix))
    return findings


def _port_owner(layout: Layout, port: int) -> str:
    script = (
        "import psutil, sys; port = int(sys.argv[1]); "
        "pid = next(c.pid for c in psutil.net_connections('tcp') if c.status == 'LISTEN' "
        "and c.laddr.port == port); print(psutil.Process(pid).name(), '(process %d)' % pid)"
    )
    return _ask([str(layout.python), "-c", script, str(port)]) or "another program"


def find_docker(layout: Layout) -> list[Finding]:
    """The client on the PATH, and the engine behind it; only later lessons need them."""
    client = shutil.which("docker")
    version = _ask([client, "--version"]) if client else None
    if not version:
        fix = "install Docker Desktop or Docker Engine before the container lessons"
        return [Finding("docker client", "warning", "not found", fix)]
    script = "import docker; print(docker.from_env(timeout=5).version()['Version'])"
    engine = _ask([str(layout.python), "-c", script]) or _ask(
        [client, "version", "--format", "{{.Server.Version}}"]
    )
    findings = [Finding("docker client", "ok", version)]
    if engine:
        return [*findings, Finding("docker engine", "ok", f"version {engine} answers")]
    fix = "start Docker, and see that your user may use it, before the container lessons"
    return [*findings, Finding("docker engine", "warning", "does not answer", fix)]


def find_protections(layout: Layout) -> Finding:
    """What of the judge's sandbox this system can give; a learner's own checks do without."""
    lacking = missing()
    held = len(active())
    if not lacking:
        return Finding("protections", "ok", f"all {held} against code you do not trust")
    seen = f"{held} of {held + len(lacking)}; this system does not ensure: {'; '.join(lacking)}"
    fix = "nothing for your own work; grade the work of others on Linux 6.12 or later, with Docker"
    return Finding("protections", "warning", seen, fix)


def find_browser(layout: Layout) -> Finding:
    try:
        seen = getattr(webbrowser.get(), "name", "the system's default")
    except webbrowser.Error:
        seen = next(filter(None, map(shutil.which, BROWSERS)), None)
    if seen:
        return Finding("browser", "ok", str(seen))
    fix = f"run `{spelled('start --no-browser')}` and open the address it prints elsewhere"
    return Finding("browser", "warning", "not found", fix)
