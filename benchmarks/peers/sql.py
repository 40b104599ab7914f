"""The list query in SQL, written in two ways, over one schema that SQLite and DuckDB share.

``completed`` carries copies of the names that are asked for and sorted by, so that each can have a
composite index; a rename has to update the copies. Joined directly: one SELECT over all tables.
Ids first: the page's ids are found on ``completed`` and its indexes alone as far as that will do,
and only those rows are joined. Each comes with its COUNT.
"""

from collections.abc import Iterator
from typing import Any, Literal

import attrs

from benchmarks.workload import Completion, Workload
from coursetrack.domain.folding import folded, folded_teams
from coursetrack.domain.values import microseconds
from coursetrack.listing.query import CompletedLessonQuery

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
    created BIGINT, updated BIGINT, title_key TEXT, name_key TEXT, company_key TEXT)
"""

_SHOWN = """c.id, c.lesson_id, l.title, c.member_id, w.full_name, k.name, w.teams,
    c.created, c.updated"""
_LESSON = " JOIN lesson l ON l.id = c.lesson_id"
_COWORKER = " JOIN member m ON m.id = c.member_id JOIN coworker w ON w.id = m.coworker_id"
_COMPANY = " LEFT JOIN company k ON k.id = w.company_id"

_CONTAINS = "instr({}, ?) > 0"
_ORDERS = {
    "Id": ("c.id", ""),
    "CreatedOn": ("c.created", ""),
    "UpdatedOn": ("c.updated", ""),
    "CourseLessonId": ("c.lesson_id", ""),
    "CourseMemberId": ("c.member_id", ""),
    "CourseLessonTitle": ("c.title_key", ""),
    "CourseMemberCoworkerFullName": ("c.name_key", ""),
    "CourseMemberCoworkerCompanyName": ("c.company_key", ""),
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
    if column not in ("c.company_key", "w.teams_folded"):
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
    if query.text_match == "exact":
        for column, text in (
            ("c.title_key", query.lesson_title),
            ("c.name_key", query.full_name),
            ("c.company_key", query.company_name),
        ):
            if text is not None:
                yield f"{column} = ?", [folded(text)]
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
    if query.text_match == "contains":
        for column, wanted, joins in (
            ("l.title_folded", query.lesson_title, (_LESSON,)),
            ("w.name_folded", query.full_name, (_COWORKER,)),
            ("k.name_folded", query.company_name, (_COWORKER, _COMPANY)),
        ):
            if wanted is not None:
                yield _CONTAINS.format(column), [folded(wanted)], joins
    if query.team_names is not None:
        yield *_in_teams(query), (_COWORKER,)


def _narrow_conditions(query: CompletedLessonQuery) -> Iterator[tuple[str, list[Any]]]:
    yield from _plain_conditions(query)
    contains = query.text_match == "contains"
    if contains and query.lesson_title is not None:
        matching = _CONTAINS.format("title_folded")
        yield (
            f"c.lesson_id IN (SELECT id FROM lesson WHERE {matching})",
            [folded(query.lesson_title)],
        )
    people: list[tuple[str, list[Any]]] = []
    if contains and query.full_name is not None:
        people.append((_CONTAINS.format("w.name_folded"), [folded(query.full_name)]))
    if contains and query.company_name is not None:
        matching = _CONTAINS.format("name_folded")
        text = f"w.company_id IN (SELECT id FROM company WHERE {matching})"
        people.append((text, [folded(query.company_name)]))
    if query.team_names is not None:
        people.append(_in_teams(query))
    if people:
        where, arguments = _where(people)
        yield (
            "c.member_id IN (SELECT m.id FROM coworker w"
            f" JOIN member m ON m.coworker_id = w.id{where})",
            arguments,
        )


def _in_teams(query: CompletedLessonQuery) -> tuple[str, list[Any]]:
    text = folded_teams(query.team_names or "")
    exact = query.text_match == "exact"
    if "," in text:
        return "w.teams_folded = ?" if exact else _CONTAINS.format("w.teams_folded"), [text]
    matching = "name_folded = ?" if exact else _CONTAINS.format("name_folded")
    return (
        "w.id IN (SELECT coworker_id FROM coworker_team"
        f" WHERE team_id IN (SELECT id FROM team WHERE {matching}))",
        [text],
    )


class Keys:
    """Completes a completion with the copies of its names."""

    def __init__(self, workload: Workload) -> None:
        self._titles = {lesson.id: folded(lesson.title) for lesson in workload.lessons}
        self._people = {
            id_: (folded(who.full_name), folded(who.company_name) if who.company_name else None)
            for id_, who in workload.coworker_of.items()
        }

    def row(self, completion: Completion) -> tuple[Any, ...]:
        """A row of the table ``completed``."""
        return *completion, self._titles[completion[1]], *self._people[completion[2]]


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
