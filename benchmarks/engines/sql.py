"""The list query in SQL, written in two ways, over one schema that SQLite and DuckDB share.

Joined directly: one SELECT over all five tables. Ids first: the page's ids are found on the
narrowest tables that will do, and only those rows are joined. Each comes with its COUNT.
"""

from collections.abc import Iterator
from typing import Any, Literal

import attrs

from benchmarks.workload import Workload
from coursetrack.domain.values import folded, folded_teams, microseconds
from coursetrack.repository.query import CompletedLessonQuery

Form = Literal["joined directly", "ids first"]
FORMS: tuple[Form, ...] = ("joined directly", "ids first")

TABLES = """
CREATE TABLE lesson (id BIGINT PRIMARY KEY, title TEXT, title_folded TEXT);
CREATE TABLE company (id BIGINT PRIMARY KEY, name TEXT, name_folded TEXT);
CREATE TABLE coworker (id BIGINT PRIMARY KEY, full_name TEXT, name_folded TEXT, company_id BIGINT,
    teams TEXT, teams_folded TEXT);
CREATE TABLE team (id BIGINT PRIMARY KEY, name_folded TEXT);
CREATE TABLE coworker_team (team_id BIGINT, coworker_id BIGINT, PRIMARY KEY (team_id, coworker_id));
CREATE TABLE member (id BIGINT PRIMARY KEY, coworker_id BIGINT);
CREATE TABLE completed (id BIGINT PRIMARY KEY, lesson_id BIGINT, member_id BIGINT,
    created BIGINT, updated BIGINT)
"""

_SHOWN = """c.id, c.lesson_id, l.title, c.member_id, w.full_name, k.name, w.teams,
    c.created, c.updated"""
_LESSON = " JOIN lesson l ON l.id = c.lesson_id"
_COWORKER = " JOIN member m ON m.id = c.member_id JOIN coworker w ON w.id = m.coworker_id"
_COMPANY = " LEFT JOIN company k ON k.id = w.company_id"

_ORDERS = {
    "Id": ("c.id", ""),
    "CreatedOn": ("c.created", ""),
    "UpdatedOn": ("c.updated", ""),
    "CourseLessonId": ("c.lesson_id", ""),
    "CourseMemberId": ("c.member_id", ""),
    "CourseLessonTitle": ("l.title_folded", _LESSON),
    "CourseMemberCoworkerFullName": ("w.name_folded", _COWORKER),
    "CourseMemberCoworkerCompanyName": ("k.name_folded", _COWORKER + _COMPANY),
    "CourseMemberCoworkerTeamNames": ("w.teams_folded", _COWORKER),
}


@attrs.frozen
class Statements:
    """A query's COUNT and page, each with its arguments."""

    count: str
    count_arguments: list[Any]
    page: str
    page_arguments: list[Any]


def statements(query: CompletedLessonQuery, form: Form) -> Statements:
    """The query in one of the two forms."""
    conditions = list(_conditions(query))
    joins = "".join(dict.fromkeys(join for _, _, joined in conditions for join in joined))
    if form == "ids first":
        return _ids_first(query)
    where, arguments = _where([(text, args) for text, args, _ in conditions])
    page = [query.size, (query.page - 1) * query.size]
    return Statements(
        f"SELECT COUNT(*) FROM completed c{joins}{where}",
        arguments,
        f"SELECT {_SHOWN} FROM completed c{_LESSON}{_COWORKER}{_COMPANY}{where}"
        f" ORDER BY {_ordering(query)} LIMIT ? OFFSET ?",
        arguments + page,
    )


def _ids_first(query: CompletedLessonQuery) -> Statements:
    where, arguments = _where(list(_narrow_conditions(query)))
    page = [query.size, (query.page - 1) * query.size]
    _, join = _ORDERS[query.order_by]
    return Statements(
        f"SELECT COUNT(*) FROM completed c{where}",
        arguments,
        f"SELECT {_SHOWN} FROM (SELECT c.id AS id FROM completed c{join}{where}"
        f" ORDER BY {_ordering(query)} LIMIT ? OFFSET ?) p JOIN completed c ON c.id = p.id"
        f"{_LESSON}{_COWORKER}{_COMPANY} ORDER BY {_ordering(query)}",
        arguments + page,
    )


def _ordering(query: CompletedLessonQuery) -> str:
    column, _ = _ORDERS[query.order_by]
    ascending = query.direction > 0
    direction = "ASC NULLS FIRST" if ascending else "DESC NULLS LAST"
    if column in ("c.id", "c.created", "c.updated", "c.lesson_id", "c.member_id"):
        direction = "ASC" if ascending else "DESC"
    if column == "c.id":
        return f"c.id {direction}"
    return f"{column} {direction}, c.id {'ASC' if ascending else 'DESC'}"


def _where(conditions: list[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    text = " AND ".join(condition for condition, _ in conditions)
    arguments = [argument for _, given in conditions for argument in given]
    return (f" WHERE {text}" if text else ""), arguments


def _plain_conditions(query: CompletedLessonQuery) -> Iterator[tuple[str, list[Any]]]:
    if query.lesson_id is not None:
        yield "c.lesson_id = ?", [query.lesson_id]
    if query.member_id is not None:
        yield "c.member_id = ?", [query.member_id]
    for column, low, high in (
        ("c.created", query.created_from, query.created_to),
        ("c.updated", query.updated_from, query.updated_to),
    ):
        if low is not None:
            yield f"{column} >= ?", [microseconds(low)]
        if high is not None:
            yield f"{column} <= ?", [microseconds(high)]


def _conditions(query: CompletedLessonQuery) -> Iterator[tuple[str, list[Any], tuple[str, ...]]]:
    for text, arguments in _plain_conditions(query):
        yield text, arguments, ()
    if query.lesson_title is not None:
        yield *_matching("l.title_folded", folded(query.lesson_title), query), (_LESSON,)
    if query.full_name is not None:
        yield *_matching("w.name_folded", folded(query.full_name), query), (_COWORKER,)
    if query.company_name is not None:
        matched = _matching("k.name_folded", folded(query.company_name), query)
        yield *matched, (_COWORKER, _COMPANY)
    if query.team_names is not None:
        yield *_in_teams(query), (_COWORKER,)


def _narrow_conditions(query: CompletedLessonQuery) -> Iterator[tuple[str, list[Any]]]:
    yield from _plain_conditions(query)
    if query.lesson_title is not None:
        text, arguments = _matching("title_folded", folded(query.lesson_title), query)
        yield f"c.lesson_id IN (SELECT id FROM lesson WHERE {text})", arguments
    people: list[tuple[str, list[Any]]] = []
    if query.full_name is not None:
        people.append(_matching("w.name_folded", folded(query.full_name), query))
    if query.company_name is not None:
        text, arguments = _matching("name_folded", folded(query.company_name), query)
        people.append((f"w.company_id IN (SELECT id FROM company WHERE {text})", arguments))
    if query.team_names is not None:
        people.append(_in_teams(query))
    if people:
        where, arguments = _where(people)
        yield (
            "c.member_id IN (SELECT m.id FROM coworker w"
            f" JOIN member m ON m.coworker_id = w.id{where})",
            arguments,
        )


def _matching(column: str, text: str, query: CompletedLessonQuery) -> tuple[str, list[Any]]:
    if query.text_match == "exact":
        return f"{column} = ?", [text]
    return f"instr({column}, ?) > 0", [text]


def _in_teams(query: CompletedLessonQuery) -> tuple[str, list[Any]]:
    text = folded_teams(query.team_names or "")
    if query.text_match == "exact" or "," in text:
        return _matching("w.teams_folded", text, query)
    return (
        "w.id IN (SELECT coworker_id FROM coworker_team"
        " WHERE team_id IN (SELECT id FROM team WHERE instr(name_folded, ?) > 0))",
        [text],
    )


def named_rows(workload: Workload) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """The rows of every table but ``completed``, by the table's name."""
    companies = _numbered(who.company_name for who in workload.coworkers)
    teams = _numbered(team for who in workload.coworkers for team in who.team_names)
    yield "lesson", [(each.id, each.title, folded(each.title)) for each in workload.lessons]
    yield "company", [(id_, name, folded(name)) for name, id_ in companies.items()]
    yield "team", [(id_, folded(name)) for name, id_ in teams.items()]
    yield (
        "coworker",
        [
            (
                who.id,
                who.full_name,
                folded(who.full_name),
                companies[who.company_name] if who.company_name else None,
                who.teams_text,
                folded_teams(who.teams_text) if who.teams_text else None,
            )
            for who in workload.coworkers
        ],
    )
    yield (
        "coworker_team",
        [(teams[team], who.id) for who in workload.coworkers for team in who.team_names],
    )
    yield "member", [(each.id, each.coworker_id) for each in workload.members]


def _numbered(texts: Iterator[str | None]) -> dict[str, int]:
    return {text: place for place, text in enumerate(sorted({t for t in texts if t}), start=1)}
