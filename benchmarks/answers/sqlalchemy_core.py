"""SQLAlchemy 2 over SQLite, in its quickest form: columns of joined tables, no mapped objects."""

import json
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Select, Table, Text, create_engine, func, select
from sqlalchemy.pool import StaticPool

from benchmarks.answers.asked import Asked
from benchmarks.answers.peer import COLUMNS, Database, Peer, records

_META = MetaData()


def _table(name: str, *texts: str, numbers: tuple[str, ...] = ()) -> Any:
    columns = [Column(each, Integer) for each in numbers] + [Column(each, Text) for each in texts]
    return Table(name, _META, Column("id", Integer, primary_key=True), *columns)


_LESSON = _table("lesson", "title")
_COWORKER = _table("coworker", "full_name", "company_name", "team_names")
_MEMBER = _table("member", numbers=("coworker_id",))
_COMPLETED = _table(
    "completed",
    *("created_on", "updated_on", "unique_id", "updated_by", "system_id"),
    *("to_string_text", "localization_details", "custom_fields"),
    numbers=("lesson_id", "member_id"),
)
_BY_ALIAS = {"c": _COMPLETED, "l": _LESSON, "w": _COWORKER}
_SHOWN = [_BY_ALIAS[name.partition(".")[0]].c[name.partition(".")[2]] for name, _ in COLUMNS]


class SqlAlchemy:
    """Finds the page's ids first, and joins only those."""

    name = "SQLAlchemy"

    def __init__(self, database: Database) -> None:
        self._engine = create_engine("sqlite://", creator=lambda: database, poolclass=StaticPool)

    def answer(self, text: str) -> bytes:
        asked = Asked.of(text)
        with self._engine.connect() as connection:
            total = connection.scalar(_narrowed(select(func.count()), asked))
            rows = connection.execute(_page(asked)).all()
        body = asked.body(records(rows), total)
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _narrowed(statement: "Select[Any]", asked: Asked) -> "Select[Any]":
    statement = statement.select_from(_COMPLETED)
    if asked.lesson_id is not None:
        return statement.where(_COMPLETED.c.lesson_id == asked.lesson_id)
    if asked.since is not None:
        return statement.where(_COMPLETED.c.updated_on >= asked.since)
    return statement


def _page(asked: Asked) -> "Select[Any]":
    order = _COMPLETED.c[asked.column], _COMPLETED.c.id
    ids = _narrowed(select(_COMPLETED.c.id), asked).order_by(*order)
    page = ids.limit(asked.size).offset(asked.skipped).subquery()
    return (
        select(*_SHOWN)
        .join_from(page, _COMPLETED, _COMPLETED.c.id == page.c.id)
        .join(_LESSON, _LESSON.c.id == _COMPLETED.c.lesson_id)
        .join(_MEMBER, _MEMBER.c.id == _COMPLETED.c.member_id)
        .join(_COWORKER, _COWORKER.c.id == _MEMBER.c.coworker_id)
        .order_by(*order)
    )


def peers(database: Database) -> list[Peer]:
    """The one form."""
    return [SqlAlchemy(database)]
