"""Which engines take part: all that are installed, or those that are named."""

from collections.abc import Callable, Sequence
from importlib import import_module

from benchmarks.peers.engine import Engine
from benchmarks.peers.plain_list import PlainList
from benchmarks.peers.sql import FORMS
from benchmarks.peers.sqlite import Sqlite
from benchmarks.peers.store import Coursetrack

PEERS = {
    "pandas": "benchmarks.peers.pandas_arrays",
    "polars": "benchmarks.peers.polars_frames",
    "duckdb": "benchmarks.peers.duckdb_tables",
    "littletable": "benchmarks.peers.littletable_objects",
}
"""The peers of the extra ``peers``: each module has a function ``engines()``."""

NAMES = ("coursetrack", "sqlite", *PEERS, "plain")


def chosen(names: Sequence[str], note: Callable[[str], None]) -> list[Engine]:
    """The engines of these names, SQLite first: it is the reference and always takes part.

    A peer that is not installed is left out, and `note` is told.
    """
    first = Sqlite(FORMS[0])
    found: list[Engine] = [first, *(Sqlite(form, first) for form in FORMS[1:])]
    for name in names:
        if name == "coursetrack":
            found.append(Coursetrack())
        elif name == "plain":
            found.append(PlainList())
        elif name in PEERS:
            found.extend(_peer(name, note))
    return found


def _peer(name: str, note: Callable[[str], None]) -> list[Engine]:
    try:
        module = import_module(PEERS[name])
    except ImportError as error:
        note(f"{name} is left out: {error} (pip install 'coursetrack[peers]')")
        return []
    engines: list[Engine] = module.engines()
    return engines
