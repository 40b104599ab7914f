"""Python's sqlite3 and ``json.dumps``, in two forms: the better one counts."""

import json
from typing import Any

from benchmarks.answers.asked import Asked
from benchmarks.answers.peer import COLUMNS, Database, Peer, records

_SHOWN = ", ".join(column for column, _ in COLUMNS)
_NAMES = (
    " JOIN lesson l ON l.id = c.lesson_id"
    " JOIN member m ON m.id = c.member_id"
    " JOIN coworker w ON w.id = m.coworker_id"
)


class Sqlite:
    """Joins the rows it counts off (directly), or only those of the page (ids first)."""

    def __init__(self, database: Database, *, ids_first: bool) -> None:
        self.name = f"SQLite, {'ids first' if ids_first else 'joined directly'}"
        self._database = database
        self._ids_first = ids_first

    def answer(self, text: str) -> bytes:
        asked = Asked.of(text)
        where, given = _where(asked)
        page = [*given, asked.size, asked.skipped]
        execute = self._database.execute
        (total,) = execute(f"SELECT COUNT(*) FROM completed c{where}", given).fetchone()
        rows = execute(self._statement(asked, where), page).fetchall()
        body = asked.body(records(rows), total)
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def _statement(self, asked: Asked, where: str) -> str:
        order = f" ORDER BY c.{asked.column}, c.id"
        if not self._ids_first:
            return f"SELECT {_SHOWN} FROM completed c{_NAMES}{where}{order} LIMIT ? OFFSET ?"
        ids = f"SELECT c.id AS id FROM completed c{where}{order} LIMIT ? OFFSET ?"
        return f"SELECT {_SHOWN} FROM ({ids}) p JOIN completed c ON c.id = p.id{_NAMES}{order}"


def _where(asked: Asked) -> tuple[str, list[Any]]:
    if asked.lesson_id is not None:
        return " WHERE c.lesson_id = ?", [asked.lesson_id]
    if asked.since is not None:
        return " WHERE c.updated_on >= ?", [asked.since]
    return "", []


def peers(database: Database) -> list[Peer]:
    """Both forms."""
    return [Sqlite(database, ids_first=each) for each in (True, False)]
