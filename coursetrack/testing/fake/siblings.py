"""The service's other lists, in the language of the main one: six operations on each of five.

``/api/content/courses``, ``/api/content/coursesections``, ``/api/content/courselessons``,
``/api/content/coursemembers`` and ``/api/spaces/coworkers``. Rights, query, bodies and envelopes
are the endpoint's own; what differs from list to list is in the rows of ``fields``.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from coursetrack.domain.changes import Change
from coursetrack.domain.values import thawed
from coursetrack.endpoint import responses
from coursetrack.endpoint.instants import shown_instant
from coursetrack.endpoint.parameters import Limits, asks_for_several, fields_of, ids_of
from coursetrack.endpoint.query_text import Pairs
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.endpoint.responses import Reason, Response
from coursetrack.endpoint.rights import Operation, may
from coursetrack.endpoint.routes import Route, find_route
from coursetrack.errors import CoursetrackError, InvalidRequest, MissingEntity
from coursetrack.testing.fake.fields import SIBLINGS, Field, Sibling, written
from coursetrack.testing.fake.lists import Values, answer, vocabulary_of
from coursetrack.testing.fake.scene import Scene
from coursetrack.testing.fake.writing import Writing, read_creation, read_update
from coursetrack.tracker import Tracker


class Siblings:
    """What completed lessons refer to: list, get, create, update, delete."""

    def __init__(self, tracker: Tracker, scene: Scene, limits: Limits) -> None:
        self._tracker = tracker
        self._scene = scene
        self._limits = limits

    def find(self, path: str) -> tuple[Sibling, Route] | None:
        """The list that `path` belongs to and what may be done there; None for a foreign path."""
        for sibling in SIBLINGS.values():
            route = find_route(path.lower(), sibling.path)
            if route is not None:
                return sibling, route
        return None

    def handle(
        self,
        sibling: Sibling,
        route: Route,
        request: Request,
        principal: Principal | None,
        clock: Callable[[], datetime],
    ) -> Response:
        """The answer to `request`. Never raises for what a client sent."""
        possible = route.possible(request.method)
        if not possible:
            return responses.method_not_allowed(request.method, route.allow)
        if principal is None:
            return responses.unauthenticated()
        pairs = self._limits.split(request.query)
        several = possible[0] is Operation.LIST and asks_for_several(pairs)
        operation = Operation.GET_SEVERAL if several else possible[0]
        if not may(principal, operation, sibling.entity):
            return responses.missing_role(possible, entity=sibling.entity)
        self._scene.look()
        asked = _Asked(self._tracker, self._scene, sibling, self._limits)
        try:
            match operation:
                case Operation.LIST:
                    return asked.list(pairs)
                case Operation.GET_SEVERAL:
                    return asked.several(pairs)
                case Operation.GET_ONE:
                    return asked.one(route.id)
                case Operation.CREATE:
                    return asked.create(request.body, principal.name, clock())
                case Operation.UPDATE:
                    return asked.update(request.body, principal.name, clock())
                case Operation.DELETE:
                    return asked.delete(route.id)
        except MissingEntity:
            return responses.not_found(Reason.MISSING_RECORD)
        except InvalidRequest as error:
            return responses.invalid(error.problems)
        except CoursetrackError as error:
            return responses.failed(error.status_hint, str(error))


@attrs.frozen
class _Asked:
    """One sibling list, with all that answering takes."""

    tracker: Tracker
    scene: Scene
    sibling: Sibling
    limits: Limits

    @property
    def fields(self) -> tuple[Field, ...]:
        """The rows of the list, and a row for all else that clients wrote."""
        known = {each.name for each in self.sibling.fields}
        names = self.scene.names_written(self.sibling.type)
        return (*self.sibling.fields, *(written(name) for name in names if name not in known))

    # -- reading

    def list(self, pairs: Pairs) -> Response:
        """A page of records."""
        fields = {each.name: each for each in self.fields}
        asked = fields_of(pairs, self.limits, vocabulary_of(self.sibling.entity, fields.values()))
        records = [self._values(each) for each in self.scene.all_of(self.sibling.type)]
        accents = self.tracker.completed_lessons.accents
        rows, numbers = answer(records, asked, fields, accents=accents)
        return responses.ok({"Records": [_shown(each) for each in rows], **numbers})

    def several(self, pairs: Pairs) -> Response:
        """The records with the ids asked for, in that order; unknown ones are left out."""
        ids = ids_of(pairs, vocabulary_of(self.sibling.entity, self.fields))
        found = (self.scene.linked(self.sibling.type, id_) for id_ in ids)
        return responses.ok([self._record(each) for each in found if each is not None])

    def one(self, id_: int) -> Response:
        """One record."""
        found = self.scene.linked(self.sibling.type, id_)
        if found is None:
            return responses.not_found(Reason.MISSING_RECORD)
        return responses.ok(self._record(found))

    def _record(self, entity: Any) -> dict[str, Any]:
        return _shown(self._values(entity))

    def _values(self, entity: Any) -> Values:
        return {each.name: each.show(self.scene, entity) for each in self.fields}

    # -- writing

    def create(self, body: object, by: str, at: datetime) -> Response:
        """A new record, with the next id."""
        new_id = self.scene.next_id(self.sibling.type)
        writing = read_creation(body, self.sibling, self.scene, new_id=new_id, at=at)
        changes = self.tracker.add(writing.entity).changes
        return self._written("created", writing, changes, by, at)

    def update(self, body: object, by: str, at: datetime) -> Response:
        """The record that the body's ``Id`` names, with what the body names changed."""
        writing = read_update(body, self.sibling, self.scene, at=at)
        changes = self.tracker.replace(writing.entity).changes
        return self._written("updated", writing, changes, by, at)

    def _written(
        self, what: str, writing: Writing, changes: tuple[Change, ...], by: str, at: datetime
    ) -> Response:
        self.scene.note(writing.entity, at=at, by=by, written=writing.kept)
        record = self._record(writing.entity)
        return responses.done(what, record, changes, entity=self.sibling.entity)

    def delete(self, id_: int) -> Response:
        """Removes a record; 409 while others refer to it."""
        found = self.scene.linked(self.sibling.type, id_)
        if found is None:
            return responses.not_found(Reason.MISSING_RECORD)
        changes = self.tracker.remove(found).changes
        return responses.done("deleted", {"Id": id_}, changes, entity=self.sibling.entity)


def _shown(values: Values) -> dict[str, Any]:
    return {name: _wire(value) for name, value in values.items()}


def _wire(value: object) -> object:
    if isinstance(value, datetime):
        return shown_instant(value)
    return thawed(value)
