"""SQLite in memory, with the composite indexes that the list's filters and orders suggest."""

import sqlite3
from typing import Any

from benchmarks.in_memory import memory_database
from benchmarks.peers.engine import Answer
from benchmarks.peers.sql import TABLES, Form, Keys, Statements, named_rows, statements
from benchmarks.workload import Completion, Workload
from coursetrack.listing.query import CompletedLessonQuery

# SQLite's own spelling of "this is the row number", and no second tree for a pure index table.
_TABLES = TABLES.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY").replace(
    "PRIMARY KEY (team_id, coworker_id))", "PRIMARY KEY (team_id, coworker_id)) WITHOUT ROWID"
)

INDEXES = """
CREATE UNIQUE INDEX completed_pair ON completed (member_id, lesson_id);
CREATE INDEX completed_created ON completed (created);
CREATE INDEX completed_updated ON completed (updated);
CREATE INDEX completed_lesson_created ON completed (lesson_id, created);
CREATE INDEX completed_lesson_updated ON completed (lesson_id, updated);
CREATE INDEX completed_member_created ON completed (member_id, created);
CREATE INDEX completed_title ON completed (title_key);
CREATE INDEX completed_title_created ON completed (title_key, created);
CREATE INDEX completed_name ON completed (name_key);
CREATE INDEX completed_name_created ON completed (name_key, created);
CREATE INDEX completed_company ON completed (company_key);
CREATE INDEX completed_company_created ON completed (company_key, created);
CREATE INDEX completed_company_updated ON completed (company_key, updated);
CREATE INDEX coworker_company ON coworker (company_id);
CREATE INDEX member_coworker ON member (coworker_id);
ANALYZE
"""

INSERT = "INSERT INTO completed VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def filled_database(workload: Workload) -> sqlite3.Connection:
    """The workload in a fresh database in memory, indexed as in `INDEXES`."""
    database = memory_database()
    database.executescript(_TABLES)
    database.execute("BEGIN")
    for table, rows in named_rows(workload):
        _insert(database, table, rows)
    database.executemany(INSERT, map(Keys(workload).row, workload.rows()))
    database.execute("COMMIT")
    database.executescript(INDEXES)
    return database


def _insert(database: sqlite3.Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        places = ", ".join("?" * len(rows[0]))
        database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)


class Sqlite:
    """One of the two forms; both share the database of `first`."""

    takes_writes = True

    def __init__(self, form: Form, first: "Sqlite | None" = None) -> None:
        self.name = f"SQLite, {form}"
        self._form = form
        self._first = first

    @property
    def database(self) -> sqlite3.Connection:
        """The connection that is asked."""
        return self._first.database if self._first else self._database

    def build(self, workload: Workload) -> None:
        if self._first is None:
            self._database = filled_database(workload)
            self._keys = Keys(workload)

    def prepare(self, query: CompletedLessonQuery) -> Statements:
        return statements(query, self._form)

    def ask(self, prepared: Statements) -> Answer:
        database = self.database
        (total,) = database.execute(prepared.count, prepared.count_arguments).fetchone()
        return total, database.execute(prepared.page, prepared.page_arguments).fetchall()

    def answer(self, asked: Answer) -> Answer:
        return asked

    def write(self, completion: Completion) -> None:
        if self._first is None:
            self.database.execute(INSERT, self._keys.row(completion))

    def forget(self) -> None:
        pass
