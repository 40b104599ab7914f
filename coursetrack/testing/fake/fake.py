"""A stateful stand-in for the service, for people who test a *client* of it.

::

    fake = FakeNexudus()
    client = httpx.Client(transport=httpx.WSGITransport(fake.wsgi), base_url=fake.url)

`handle` is the pure core: a call in, an answer out. `wsgi` and `asgi` are plain callables around
it, and need no socket. Time is what `clock` says; left out, it starts at a fixed instant and goes
on by a second at each write, so that every run is the same.
"""

import json
from base64 import b64decode
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import attrs

from coursetrack.domain.entities import Entity
from coursetrack.endpoint.handler import Endpoint
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.testing.fake.origin import Origin
from coursetrack.tracker import Tracker

FIRST_INSTANT = datetime(2025, 1, 1, tzinfo=UTC)
JSON = "application/json; charset=utf-8"

Environ = MutableMapping[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Message = MutableMapping[str, Any]


def _lower(headers: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({name.lower(): value for name, value in headers.items()})


@attrs.frozen(kw_only=True)
class Call:
    """One request as it reached the fake, before anything was decided. Header names are lower."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(default=MappingProxyType({}), converter=_lower)
    body: bytes = b""


@attrs.frozen(kw_only=True)
class Answer:
    """What the fake sends back: a status, headers, and bytes that are JSON."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


@attrs.frozen(kw_only=True)
class Seen:
    """An entry of the log: what was asked, by whom, and the status it was answered with."""

    call: Call
    principal: Principal | None
    status: int


class FakeNexudus:
    """The service, as far as a client of completed lessons can tell.

    Starts from `records` (entities of any kind, those referred to first) in `tracker`, which may
    be the test's own: play events on it, then look through the client. `users` maps a user's name
    to a password and to who that is; the usual one is ``admin@example.com`` / ``password``, a full
    administrator. A user signs in with basic credentials, or with a bearer token got by
    ``POST /api/token``. Tokens are derived from the user and never random.
    """

    url = "https://spaces.nexudus.com"

    def __init__(
        self,
        records: Iterable[Entity] = (),
        *,
        tracker: Tracker | None = None,
        users: Mapping[str, tuple[str, Principal]] | None = None,
        clock: Callable[[], datetime] | None = None,
        max_page_size: int = 1000,
    ) -> None:
        self.tracker = Tracker() if tracker is None else tracker
        self.tracker.add_all(records)
        self.users = dict(USERS if users is None else users)
        self.log: list[Seen] = []
        self._clock = clock or _Steps()
        self._endpoint = Endpoint(self.tracker, max_page_size=max_page_size)
        self._origin = Origin(self.tracker, max_page_size=max_page_size)
        self._failures: deque[Answer] = deque()

    # -- what a test arranges

    def fail_next(self, status: int, *, times: int = 1, retry_after: int | None = None) -> None:
        """Lets the next `times` requests fail with `status`, before they do anything.

        `retry_after` is in seconds. The origin throttles with 409 and ``Retry-After``. ValueError
        where `status` is not the number of an error.
        """
        if not isinstance(status, int) or not 400 <= status <= 599:
            raise ValueError(f"status is {status!r}; expected a whole number from 400 to 599")
        extra = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._failures.extend([_answer(status, {"Message": "try again later"}, extra)] * times)

    def token(self, user: str = "admin@example.com") -> str:
        """The bearer token of a user, without asking for it."""
        return sha256(f"{user}/{self.users[user][0]}".encode()).hexdigest()

    def headers(self, user: str = "admin@example.com") -> dict[str, str]:
        """The headers of a request by a user who has a token."""
        return {"Authorization": f"Bearer {self.token(user)}"}

    # -- the pure core

    def handle(self, call: Call) -> Answer:
        """The answer to `call`. Never raises for what a client sent; every call is logged."""
        principal = self._principal(call.headers.get("authorization", ""))
        answer = self._failures.popleft() if self._failures else self._answer(call, principal)
        self.log.append(Seen(call=call, principal=principal, status=answer.status))
        return answer

    def _answer(self, call: Call, principal: Principal | None) -> Answer:
        if call.path == "/api/token":
            return self._sign_in(call)
        request = Request(call.method, call.path, query=call.query, body=call.body or None)
        if self._origin.knows(call.path):
            status, body = self._origin.handle(request, principal)
            return _answer(status, body, {})
        writes = call.method in ("POST", "PUT", "DELETE")
        at = self._clock() if writes else FIRST_INSTANT
        response = self._endpoint.handle(request, principal=principal, at=at)
        return _answer(response.status, response.body, response.headers)

    # -- who is calling

    def _sign_in(self, call: Call) -> Answer:
        if call.method != "POST":
            return _answer(405, {"Message": "only POST is allowed here"}, {"Allow": "POST"})
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        user = form.get("username", "")
        if form.get("grant_type") != "password":
            return _answer(400, {"error": "unsupported_grant_type"}, {})
        if not self._is_user(user, form.get("password", "")):
            return _answer(400, {"error": "invalid_grant"}, {})
        body = {"access_token": self.token(user), "token_type": "bearer", "expires_in": 1_209_599}
        return _answer(200, body, {})

    def _principal(self, authorization: str) -> Principal | None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer":
            known = (who for user, (_, who) in self.users.items() if self.token(user) == given)
            return next(known, None)
        if scheme.lower() == "basic":
            user, _, password = _decoded(given).partition(":")
            return self.users[user][1] if self._is_user(user, password) else None
        return None

    def _is_user(self, user: str, password: str) -> bool:
        return user in self.users and self.users[user][0] == password

    # -- around it

    def wsgi(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        """The fake as a WSGI application."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        answer = self.handle(
            Call(
                method=environ["REQUEST_METHOD"],
                path=environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
                query=environ.get("QUERY_STRING", ""),
                headers=_headers_of(environ),
                body=environ["wsgi.input"].read(length) if length else b"",
            )
        )
        start_response(f"{answer.status} ", list(answer.headers.items()))
        return [answer.body]

    async def asgi(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """The fake as an ASGI application for HTTP."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        answer = self.handle(
            Call(
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
                headers=headers,
                body=body,
            )
        )
        pairs = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in answer.headers.items()
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": answer.body})


USERS: Mapping[str, tuple[str, Principal]] = MappingProxyType(
    {"admin@example.com": ("password", Principal("admin@example.com", is_unrestricted_admin=True))}
)
"""The usual users of a fake: name -> password and who that is."""


class _Steps:
    """A clock for which a second passes at each look."""

    def __init__(self) -> None:
        self._now = FIRST_INSTANT

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


def _answer(status: int, body: object, headers: Mapping[str, str]) -> Answer:
    text = json.dumps(body).encode()
    usual = {"Content-Type": JSON, "Content-Length": str(len(text))}
    return Answer(status=status, headers={**headers, **usual}, body=text)


def _headers_of(environ: Environ) -> dict[str, str]:
    found = {
        name.removeprefix("HTTP_").replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return found | {"content-type": environ.get("CONTENT_TYPE", "")}


def _decoded(text: str) -> str:
    try:
        return b64decode(text).decode("utf-8", "replace")
    except ValueError:
        return ""
