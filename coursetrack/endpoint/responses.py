"""What goes out: a response value, and the few forms that answers take."""

import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar

import attrs

from coursetrack.domain.changes import Change
from coursetrack.domain.values import compact_json
from coursetrack.endpoint.problems import cut
from coursetrack.endpoint.rights import Operation
from coursetrack.errors import Problem

_JSON = MappingProxyType({"Content-Type": "application/json; charset=utf-8"})


class Reason(StrEnum):
    """Why a request was not answered as asked: for machines, stable; each has its docstring."""

    def __new__(cls, value: str, doc: str = "") -> "Reason":
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.__doc__ = doc
        return reason

    UNAUTHENTICATED = "unauthenticated", "Nobody whom the host vouches for is calling: 401."
    MISSING_ROLE = "missing_role", "The caller lacks the role that the operation needs: 401."
    UNKNOWN_PATH = "unknown_path", "The endpoint knows no such path: 404."
    METHOD_NOT_ALLOWED = "method_not_allowed", "The path is known, with other methods: 405."
    MISSING_RECORD = "missing_record", "There is no record with this id: 404."
    INVALID_REQUEST = "invalid_request", "The query or the body is wrong, as its Errors say: 400."
    FAILED = "failed", "The write could not be done, for a reason that is no property's."


@attrs.frozen(eq=False, repr=False)
class Response:
    """One HTTP response: `content` is what a host sends, `body` the same as plain values.

    Each is made when it is first asked for, once. `content` is UTF-8 JSON, byte for byte what
    ``json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()`` gives; `body` equals
    ``json.loads(content)``. A list's `content` is written without making its records, so a host
    that only sends it pays for no object and no dict.

    `reason` is None on success. A host that prefers 403 for a principal without the role looks for
    ``Reason.MISSING_ROLE``. `changes` is what a write changed, in order, for the host to persist
    before it answers; it does not go over the wire, and two responses that differ in nothing else
    are equal.
    """

    status: int
    headers: Mapping[str, str]
    _body: Any = attrs.field(default=None, alias="body")
    reason: Reason | None = None
    changes: tuple[Change, ...] = ()
    _write: Callable[[], bytes] | None = attrs.field(default=None, alias="write", kw_only=True)
    _made: dict[str, Any] = attrs.field(factory=dict, init=False)

    @property
    def content(self) -> bytes:
        """The body as UTF-8 JSON. O(length), the first time."""
        content = self._made.get("content")
        if content is None:
            write = self._write
            content = compact_json(self._body).encode() if write is None else write()
            self._made["content"] = content
        made: bytes = content
        return made

    @property
    def body(self) -> Any:
        """The body as plain values: dicts, lists, texts, numbers, True, False and None."""
        if self._write is None:
            return self._body
        if "body" not in self._made:
            self._made["body"] = json.loads(self.content)
        return self._made["body"]

    def __eq__(self, other: object) -> bool:
        """Whether `other` is a response with the same status, headers, body and reason."""
        if not isinstance(other, Response):
            return NotImplemented
        return (self.status, self.headers, self.body, self.reason) == (
            other.status,
            other.headers,
            other.body,
            other.reason,
        )

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        told = "" if self.reason is None else f", {self.reason}"
        return f"<Response {self.status}{told}>"


def listed(write: Callable[[], bytes]) -> Response:
    """200 with the JSON that `write` gives, once somebody asks for it."""
    return Response(200, _JSON, write=write)


def ok(body: Any) -> Response:
    """200 with `body`."""
    return Response(200, _JSON, body)


def done(
    what: str, value: Any, changes: tuple[Change, ...], *, entity: str = "CourseCompletedLesson"
) -> Response:
    """200 for a write [docs]: `what` (created, updated, deleted) and the `value` left behind."""
    body = _envelope(200, f"{entity} was successfully {what}.", value, None)
    return Response(200, _JSON, body, changes=changes)


def invalid(problems: Iterable[Problem]) -> Response:
    """400 with all problems; the body's own Status is 500, as the origin documents."""
    problems = tuple(problems)
    message = "; ".join(f"{each.property_name}: {each.message}" for each in problems)
    errors = [
        {
            "AttemptedValue": each.attempted_value,
            "Message": each.message,
            "PropertyName": each.property_name,
        }
        for each in problems
    ]
    body = _envelope(500, message, None, errors)
    return Response(400, _JSON, body, Reason.INVALID_REQUEST)


def failed(status: int, message: str) -> Response:
    """A write that the tracker could not do for a reason that is no property's."""
    told = message.encode(errors="replace").decode()  # whatever raised it is not ours alone
    return Response(status, _JSON, _envelope(500, told, None, None), Reason.FAILED)


def unauthenticated() -> Response:
    """401: nobody the host vouches for is calling."""
    return _refused("Bearer", "a bearer token is needed", Reason.UNAUTHENTICATED)


def missing_role(
    operations: Iterable[Operation], *, entity: str = "CourseCompletedLesson"
) -> Response:
    """401 [docs] for a principal who holds none of the roles that method and path could need."""
    roles = " or ".join(f"{each.role_for(entity)} (to {each})" for each in operations)
    message = f"a full unrestricted administrator, or the role {roles}, is needed"
    return _refused('Bearer error="insufficient_scope"', message, Reason.MISSING_ROLE)


def _refused(challenge: str, message: str, reason: Reason) -> Response:
    headers = MappingProxyType({**_JSON, "WWW-Authenticate": challenge})
    return Response(401, headers, {"Message": message, "Reason": str(reason)}, reason)


def not_found(reason: Reason) -> Response:
    """404 with the body ``"Not found"`` [docs]."""
    return Response(404, _JSON, "Not found", reason)


def method_not_allowed(method: object, allow: str) -> Response:
    """405 with the methods that the path knows."""
    name = cut(method) if isinstance(method, str) else "this method"
    body = {"Message": f"{name} is not allowed here; allowed: {allow}"}
    headers = MappingProxyType({**_JSON, "Allow": allow})
    return Response(405, headers, body, Reason.METHOD_NOT_ALLOWED)


def _envelope(
    status: int, message: str, value: Any, errors: list[dict[str, Any]] | None
) -> dict[str, Any]:
    """The body around the answer to a write, or to a request that failed [docs]."""
    return {
        "Status": status,
        "Message": message,
        "Value": value,
        "WasSuccessful": errors is None and status == 200,
        "Errors": errors,
    }
