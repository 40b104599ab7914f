"""DuckDB in memory: the same tables and the same two forms as SQLite."""

import duckdb
import pandas

from benchmarks.peers.engine import Answer, Engine
from benchmarks.peers.sql import (
    FORMS,
    TABLES,
    Form,
    Keys,
    Statements,
    named_rows,
    statements,
)
from benchmarks.peers.sqlite import INSERT
from benchmarks.workload import Completion, Workload
from coursetrack.listing.query import CompletedLessonQuery

_INDEXES = """
CREATE INDEX completed_lesson ON completed (lesson_id);
CREATE INDEX completed_member ON completed (member_id)
"""


def engines() -> list[Engine]:
    """The two forms of this module, over one database."""
    first = DuckDb(FORMS[0])
    return [first, *(DuckDb(form, first) for form in FORMS[1:])]


class DuckDb:
    """One of the two forms; both share the database of `first`."""

    takes_writes = True

    def __init__(self, form: Form, first: "DuckDb | None" = None) -> None:
        self.name = f"DuckDB, {form}"
        self._form = form
        self._first = first
        self._database = duckdb.connect(":memory:")

    def build(self, workload: Workload) -> None:
        if self._first is not None:
            self._database = self._first._database
            return
        database = self._database
        database.execute(TABLES)
        for table, rows in named_rows(workload):
            self._insert(table, pandas.DataFrame(rows))
        self._keys = Keys(workload)
        self._insert("completed", pandas.DataFrame(map(self._keys.row, workload.rows())))
        database.execute(_INDEXES)

    def _insert(self, table: str, frame: pandas.DataFrame) -> None:
        self._database.register("frame", frame)
        self._database.execute(f"INSERT INTO {table} SELECT * FROM frame")
        self._database.unregister("frame")

    def prepare(self, query: CompletedLessonQuery) -> Statements:
        return statements(query, self._form)

    def ask(self, prepared: Statements) -> Answer:
        database = self._database
        counted = database.execute(prepared.count, prepared.count_arguments).fetchall()
        rows = database.execute(prepared.page, prepared.page_arguments).fetchall()
        return counted[0][0], rows

    def answer(self, asked: Answer) -> Answer:
        return asked

    def write(self, completion: Completion) -> None:
        if self._first is None:
            self._database.execute(INSERT, self._keys.row(completion))

    def forget(self) -> None:
        pass
