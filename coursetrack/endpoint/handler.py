"""The endpoint: a request in, a response out. Pure, and total: whatever comes in is answered.

The order of decisions::

    path, method -> 404, 405          says nothing about data: the paths are public
    rights       -> 401               before body and query are read (see `_chosen`)
    query, body  -> 400, all problems
    tracker      -> 200, 404, 400
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, assert_never

import attrs

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import as_instant
from coursetrack.endpoint import responses
from coursetrack.endpoint.bodies import CREATE, UPDATE, Body, read_body
from coursetrack.endpoint.parameters import Limits, asks_for_several, ids_of, query_of
from coursetrack.endpoint.problems import problem
from coursetrack.endpoint.query_text import Pairs
from coursetrack.endpoint.records import json_page, page_json, record_dict
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.endpoint.responses import Reason, Response
from coursetrack.endpoint.rights import Operation, may
from coursetrack.endpoint.routes import find_route
from coursetrack.endpoint.served import Served
from coursetrack.errors import (
    CoursetrackError,
    InvalidRequest,
    InvalidValue,
    MissingEntity,
    Problem,
)
from coursetrack.listing.query import CompletedLessonQuery, TextMatch
from coursetrack.listing.record_texts import JsonPage


class Endpoint:
    """``/api/content/coursecompletedlessons`` over a tracker. Keeps no state of its own.

    `max_page_size` clamps, `default_page_size` applies where none is sent, `text_match` is
    ``"contains"`` or ``"exact"``; `max_query_bytes` and `max_parameters` bound the query text.
    Raises :class:`InvalidValue` for options out of range. Callers from several threads hold one
    lock around :meth:`handle`, for requests that only read, too: those catch indexes up.
    """

    def __init__(
        self,
        tracker: Served,
        *,
        max_page_size: int = 1000,
        default_page_size: int = 25,
        text_match: TextMatch = "contains",
        max_query_bytes: int = 8192,
        max_parameters: int = 200,
    ) -> None:
        if not hasattr(tracker, "completed_lessons"):
            raise InvalidValue.of("tracker", tracker, "a Tracker, or what answers like one")
        self._tracker = tracker
        self._limits = Limits(
            max_page_size=max_page_size,
            default_page_size=default_page_size,
            text_match=text_match,
            max_query_bytes=max_query_bytes,
            max_parameters=max_parameters,
        )

    def handle(
        self,
        request: Request,
        *,
        principal: Principal | None = None,
        at: datetime | None = None,
    ) -> Response:
        """The answer to `request`, made by `principal` (None: nobody) at the instant `at`.

        `at` becomes the times of a write and is not looked at otherwise; a write without an aware
        `at` is the host's mistake, answered 500. Never raises for what a caller sent. A refused
        request changes nothing.
        """
        route = find_route(request.path) if isinstance(request, Request) else None
        if route is None:
            return responses.not_found(Reason.UNKNOWN_PATH)
        possible = route.possible(request.method)
        if not possible:
            return responses.method_not_allowed(request.method, route.allow)
        if not isinstance(principal, Principal):
            return responses.unauthenticated()
        allowed = [each for each in possible if may(principal, each)]
        if not allowed:
            return responses.missing_role(possible)
        pairs = self._limits.split(request.query) if len(possible) > 1 else Pairs()
        operation = _chosen(possible, pairs)
        if operation not in allowed:
            return responses.missing_role(possible)
        call = _Call(operation, route.id, pairs, request.body, principal.name, at)
        return self._answer(call)

    def _answer(self, call: "_Call") -> Response:
        try:
            return self._perform(call)
        except InvalidRequest as error:
            return responses.invalid(error.problems)
        except MissingEntity:
            return responses.not_found(Reason.MISSING_RECORD)
        except InvalidValue as error:
            # What a caller sends is told as problems, so this is about what the host handed over.
            return responses.failed(500, str(error))
        except CoursetrackError as error:
            return responses.failed(error.status_hint, str(error))

    def _perform(self, call: "_Call") -> Response:
        match call.operation:
            case Operation.LIST:
                return self._list(call.pairs)
            case Operation.GET_SEVERAL:
                return self._get_several(call.pairs)
            case Operation.GET_ONE:
                return responses.ok(self._shown(self._existing(call.id)))
            case Operation.CREATE:
                return self._create(call.body, call.by, as_instant("at", call.at))
            case Operation.UPDATE:
                return self._update(call.body, call.by, as_instant("at", call.at))
            case Operation.DELETE:
                as_instant("at", call.at)  # asked for as of every write, though it leaves no trace
                return self._delete(call.id)
            case _:
                assert_never(call.operation)

    # -- reading

    def _list(self, pairs: Pairs) -> Response:
        query = query_of(pairs, self._limits)
        write = partial(
            page_json,
            self._found(query),
            order_by=query.order_by,
            direction=query.direction,
        )
        return responses.listed(write)

    def _found(self, query: CompletedLessonQuery) -> JsonPage:
        records: Any = self._tracker.completed_lessons
        if hasattr(records, "find_json"):
            found: JsonPage = records.find_json(query)
            return found
        return json_page(records.find(query), records.joined)

    def _get_several(self, pairs: Pairs) -> Response:
        records = self._tracker.completed_lessons
        found = (records.get(id_) for id_ in ids_of(pairs))
        return responses.ok([self._shown(record) for record in found if record is not None])

    # -- writing

    def _create(self, body: object, by: str, at: datetime) -> Response:
        given = read_body(body, CREATE)
        self._raise_problems(given, own_id=None)
        lesson_id, member_id = given.ids["CourseLessonId"], given.ids["CourseMemberId"]
        outcome = self._tracker.complete(lesson_id=lesson_id, member_id=member_id, at=at, by=by)
        return responses.done("created", self._shown(outcome.completed), outcome.changes)

    def _update(self, body: object, by: str, at: datetime) -> Response:
        given = read_body(body, UPDATE)
        id_ = given.ids.get("Id")
        if id_ is not None:
            self._existing(id_)
        self._raise_problems(given, own_id=id_)
        id_, lesson_id, member_id = (given.ids[name] for name in UPDATE)
        outcome = self._tracker.update_completed(
            id=id_, lesson_id=lesson_id, member_id=member_id, at=at, by=by
        )
        return responses.done("updated", self._shown(self._existing(id_)), outcome.changes)

    def _delete(self, id_: int) -> Response:
        self._existing(id_)
        outcome = self._tracker.delete_completed(id=id_)
        return responses.done("deleted", {"Id": id_}, outcome.changes)

    def _existing(self, id_: int) -> CompletedLesson:
        record = self._tracker.completed_lessons.get(id_)
        if record is None:
            raise MissingEntity(f"there is no CompletedLesson {id_}", value=id_)
        return record

    def _shown(self, record: CompletedLesson) -> dict[str, Any]:
        return record_dict(record, self._tracker.completed_lessons.joined(record))

    def _raise_problems(self, given: Body, *, own_id: int | None) -> None:
        problems = (*given.problems, *self._missing(given), *self._taken(given, own_id))
        if problems:
            raise InvalidRequest(problems)

    def _missing(self, given: Body) -> Iterator[Problem]:
        """The references that lead nowhere. A lesson has a title and a member a name, always."""
        lesson_id = given.ids.get("CourseLessonId", 0)
        member_id = given.ids.get("CourseMemberId", 0)
        title, full_name, *_ = self._tracker.completed_lessons.names(lesson_id, member_id)
        if lesson_id and title is None:
            yield problem("CourseLessonId", "there is no such lesson", lesson_id)
        if member_id and full_name is None:
            yield problem("CourseMemberId", "there is no such member", member_id)

    def _taken(self, given: Body, own_id: int | None) -> Iterator[Problem]:
        if {"CourseLessonId", "CourseMemberId"} <= given.ids.keys():
            lesson_id, member_id = given.ids["CourseLessonId"], given.ids["CourseMemberId"]
            there = self._tracker.completed_lessons.get_pair(lesson_id, member_id)
            if there is not None and there.id != own_id:
                yield problem("CourseLessonId", "this member has completed it already", lesson_id)


@attrs.frozen
class _Call:
    """A request that may be answered, and all that answering it takes."""

    operation: Operation
    id: int
    pairs: Pairs
    body: object
    by: str
    at: datetime | None


def _chosen(possible: tuple[Operation, ...], pairs: Pairs) -> Operation:
    """The operation meant: a bracketed ``id`` makes several of a list.

    That much of the query must be seen to know which role is asked for. It is looked at only for
    a caller who holds one of the two, and a refusal is the same whatever the query was.
    """
    if possible[0] is Operation.LIST and asks_for_several(pairs):
        return Operation.GET_SEVERAL
    return possible[0]
