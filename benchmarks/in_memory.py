"""SQLite in memory, closed as soon as nobody holds it any more."""

import sqlite3
from typing import Any


class _Held(sqlite3.Connection):
    """Has nothing to lose, and so needs nobody to close it. Python 3.13 warns where nobody does."""

    def __del__(self) -> None:
        self.close()


def memory_database(**options: Any) -> sqlite3.Connection:
    """A fresh database, every statement its own transaction unless told otherwise."""
    return sqlite3.connect(":memory:", isolation_level=None, factory=_Held, **options)
