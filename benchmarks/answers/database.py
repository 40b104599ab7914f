"""The list's tables in SQLite as a service would lay them out, ready to be read quickly.

Instants are kept as the text that is shown, which sorts as they do, and unique ids are stored: so
no peer formats a time or hashes an id. Titles and names stand in their own tables.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.in_memory import memory_database
from benchmarks.workload import Completion, Workload
from coursetrack.domain.values import derived_unique_id, instant
from coursetrack.endpoint.instants import shown_instant

_TABLES = """
CREATE TABLE lesson (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE coworker (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, company_name TEXT,
    team_names TEXT);
CREATE TABLE member (id INTEGER PRIMARY KEY, coworker_id INTEGER NOT NULL);
CREATE TABLE completed (id INTEGER PRIMARY KEY, lesson_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL, created_on TEXT NOT NULL, updated_on TEXT NOT NULL,
    unique_id TEXT NOT NULL, updated_by TEXT, system_id TEXT, to_string_text TEXT,
    localization_details TEXT, custom_fields TEXT)
"""
_INDEXES = """
CREATE UNIQUE INDEX completed_pair ON completed (member_id, lesson_id);
CREATE INDEX completed_created ON completed (created_on);
CREATE INDEX completed_updated ON completed (updated_on);
CREATE INDEX completed_lesson_created ON completed (lesson_id, created_on);
ANALYZE
"""


def filled_database(workload: Workload) -> sqlite3.Connection:
    """The workload in a fresh database in memory, with the indexes that the questions want."""
    database = memory_database(check_same_thread=False)
    database.executescript(_TABLES)
    database.execute("BEGIN")
    people = ((w.id, w.full_name, w.company_name, w.teams_text) for w in workload.coworkers)
    _insert(database, "lesson", 2, ((each.id, each.title) for each in workload.lessons))
    _insert(database, "coworker", 4, people)
    _insert(database, "member", 2, ((each.id, each.coworker_id) for each in workload.members))
    _insert(database, "completed", 11, _rows(workload))
    database.execute("COMMIT")
    database.executescript(_INDEXES)
    return database


def write(database: sqlite3.Connection, completion: Completion) -> None:
    """Adds one completion."""
    _insert(database, "completed", 11, [_row(completion)])


def _insert(
    database: sqlite3.Connection, table: str, width: int, rows: Iterable[tuple[Any, ...]]
) -> None:
    database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)


def _rows(workload: Workload) -> Iterator[tuple[Any, ...]]:
    return map(_row, workload.rows())


def _row(completion: Completion) -> tuple[Any, ...]:
    id_, lesson_id, member_id, created, updated = completion
    times = shown_instant(instant(created)), shown_instant(instant(updated))
    unique_id = derived_unique_id("CompletedLesson", id_)
    return id_, lesson_id, member_id, *times, unique_id, None, None, None, None, None
