"""What a judged tree's processes may see: the tree, a scratch folder, and the Python they run on."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

from workbench.sandbox.kernel import Rules

COURSE = Path(__file__).resolve().parents[2]
EXCHANGE = "exchange"  # beside the trees: what a check hands to the learner's code, and takes back
SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/opt", "/nix", "/proc", "/dev/pts"),
    *("/sys/devices/system", "/sys/fs/cgroup"),
)
# the rest of /etc holds what is nobody's business
ETC = """
alternatives ca-certificates fonts group gai.conf host.conf hosts ld.so.cache ld.so.conf ld.so.conf.d
localtime mime.types nsswitch.conf os-release passwd pki protocols resolv.conf services ssl timezone
"""
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


def scratch_of(tree: Path) -> Path:
    """The temporary folder of a tree's processes; it goes with the trees."""
    folder = tree.with_name(f"{tree.name}-scratch")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def scrubbed_environment(tree: Path) -> dict[str, str]:
    """What a learner's process may see of this one's environment."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    quiet = {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "ORT_DISABLE_TELEMETRY": "1"}
    # a pool of threads would make semaphores, which a sandbox has no place for: one thread does the work
    quiet |= {"JOBLIB_MULTIPROCESSING": "0"}
    own = dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), str(scratch_of(tree)))
    return kept | single | quiet | own


def rules_for(
    tree: Path,
    *,
    may_connect: bool = False,
    shares_memory: bool = False,
    exchanges: bool = True,
    also: tuple[Path, ...] = (),
    also_read: tuple[Path, ...] = (),
) -> Rules:
    """The rules for a process of `tree`; it may write in the folders `also` too, and read `also_read`.

    `exchanges`: it may use the folder in which a check hands over files.
    """
    read = (*readable_system(), *map(str, (tree.with_name("handover"), *also_read)))
    write = [tree, scratch_of(tree), *also]
    if exchanges:
        write.append(tree.with_name(EXCHANGE))
    return Rules(
        read=read,
        write=tuple(map(str, write)),
        may_connect=may_connect,
        shares_memory=shares_memory,
        protected=(os.getpid(), os.getppid()),
    )


@functools.cache
def readable_system() -> tuple[str, ...]:
    """The system's folders and this Python's, without the course when it lies in one of them."""
    pythons = sorted({sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix})
    packages = [p for p in sys.path if "site-packages" in p or "dist-packages" in p]
    inside = [p for p in (*pythons, *packages) if Path(p).is_relative_to(COURSE / ".venv")]
    etc = [f"/etc/{name}" for name in ETC.split()]
    return (*without(COURSE, [*SYSTEM, *etc, *pythons, *packages]), *inside)


def without(hidden: Path, paths: list[str]) -> list[str]:
    """The paths, with what holds `hidden` replaced by all that it holds beside it."""
    found = []
    for path in paths:
        if hidden == Path(path) or hidden in Path(path).parents:
            continue
        if Path(path) in hidden.parents:
            try:
                held = [str(entry) for entry in Path(path).iterdir()]
            except OSError:
                held = []
            found += without(hidden, held)
        else:
            found.append(path)
    return found
