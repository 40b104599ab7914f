"""Which addresses this process and those that it started bind to or talk with, watched meanwhile.

An engine that opens a port to the network, or fetches something, is found out by a look at the
sockets of all its processes, ten times a second. What is shorter than that may be missed; the
suite's own test hears of every socket that Python opens.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Event, Thread
from typing import Any

_PAUSE = 0.1  # seconds


@contextmanager
def watched_sockets() -> Iterator[set[str]]:
    """The IP addresses that are in use while the block runs, both ends; complete at its end."""
    import psutil

    found, ended, process = set[str](), Event(), psutil.Process()

    def watch() -> None:
        while not ended.wait(_PAUSE):
            for each in (process, *process.children(recursive=True)):
                found.update(_addresses(each))

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def _addresses(process: Any) -> Iterator[str]:
    import psutil

    try:
        connections = process.net_connections("inet")
    except psutil.Error:  # it ended meanwhile
        return
    for each in connections:
        yield from (end.ip for end in (each.laddr, each.raddr) if end)


def beyond_loopback(addresses: Iterable[str]) -> list[str]:
    """Those of `addresses` that lead further than this machine, or are open to others."""
    return sorted(each for each in addresses if not _loopback(each))


def _loopback(address: str) -> bool:
    read = ip_address(address.partition("%")[0])
    mapped = getattr(read, "ipv4_mapped", None)  # ::ffff:127.0.0.1, as Java has it
    return (mapped or read).is_loopback
