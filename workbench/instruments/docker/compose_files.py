"""A Compose file as data: ports, volumes, limits and variables of a service, in either of their forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
AMOUNTS = {
    "memory": re.compile(r"\d+(\.\d+)?([bkmg]b?)?"),
    "processors": re.compile(r"\d+(\.\d+)?"),
}
# a value that is taken from outside: $NAME, ${NAME}, ${NAME:-}, or ${NAME:?message}
FROM_OUTSIDE = re.compile(r"\$(?:\w+|\{\w+(?::?-(?P<default>.*)|:?\?[^{}]*)?\})")


@dataclass(frozen=True)
class Binding:
    """A port inside a container, published as `outer` on an address of this machine ("" is each)."""

    address: str
    outer: str
    inner: str

    @property
    def is_open(self) -> bool:
        return self.address not in LOOPBACK


@dataclass(frozen=True)
class Mount:
    """What is mounted from where (a name or a path), and whether it can be written to."""

    source: str
    target: str
    is_read_only: bool


def bindings_of(service: dict) -> list[Binding]:
    return [_binding(port) for port in service.get("ports") or []]


def _binding(port: Any) -> Binding:
    if isinstance(port, dict):
        told = (str(port.get(name, "")) for name in ("host_ip", "published", "target"))
        return Binding(*told)
    front, _, inner = str(port).partition("/")[0].rpartition(":")
    address, _, outer = front.rpartition(":")
    return Binding(address, outer, inner)


def mounts_of(service: dict) -> list[Mount]:
    return [_mount(volume) for volume in service.get("volumes") or []]


def _mount(volume: Any) -> Mount:
    if isinstance(volume, dict):
        source, target = (str(volume.get(name, "")) for name in ("source", "target"))
        return Mount(source, target.rstrip("/"), volume.get("read_only") is True)
    source, target, *modes = [*str(volume).split(":"), ""][:3]
    return Mount(source, target.rstrip("/"), "ro" in ",".join(modes).split(","))


def limits_of(service: dict) -> dict[str, Any]:
    """The limits of memory and processors, as the service or its `deploy` states them."""
    deploy = ((service.get("deploy") or {}).get("resources") or {}).get("limits") or {}
    return {
        "memory": service.get("mem_limit") or deploy.get("memory"),
        "processors": service.get("cpus") or deploy.get("cpus"),
    }


def is_amount(kind: str, limit: Any) -> bool:
    """Whether Compose takes this for an amount of "memory" or "processors"."""
    return bool(AMOUNTS[kind].fullmatch(str(limit).lower()))


def variables_of(service: dict) -> dict[str, Any]:
    """What `environment` sets; None is handed on from whoever starts the stack."""
    given = service.get("environment") or {}
    if isinstance(given, list):
        pairs = (str(line).partition("=") for line in given)
        return {name: value if equals else None for name, equals, value in pairs}
    return given if isinstance(given, dict) else {}


def comes_from_outside(value: Any) -> bool:
    """Whether a variable has no value of its own in the file, not even as a default."""
    if value in (None, ""):
        return True
    found = FROM_OUTSIDE.fullmatch(str(value))
    return bool(found) and comes_from_outside(found["default"])
