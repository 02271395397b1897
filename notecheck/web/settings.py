"""What the server is told when it is started."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
SHORTEST_TOKEN = 16  # characters


@dataclass(frozen=True)
class Settings:
    """`hosts` are the names a request may call the server by, None where any will do. `token`, where there is one, opens every door."""

    patterns: Path | None = None
    profile: str = "spine-visit"
    workers: int = 2
    waiting: int = 64
    time_limit: float = 20.0
    token: str | None = None
    hosts: frozenset[str] | None = LOOPBACK_NAMES
    audit: Path | None = None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on this address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def names_of(host: str) -> frozenset[str] | None:
    """The names by which a request may call a server that listens on this address; None (any) for one that listens on all of them."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return LOOPBACK_NAMES if is_loopback(host) else frozenset({host.lower()})
    if address.is_unspecified:
        return None
    return frozenset({str(address)}) | (LOOPBACK_NAMES if address.is_loopback else frozenset())
