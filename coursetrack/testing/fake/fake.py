"""A stateful stand-in for the service, for people who test a *client* of it.

::

    fake = FakeNexudus()
    client = httpx.Client(transport=httpx.WSGITransport(fake.wsgi), base_url=fake.url)

`handle` is the pure core: a call in, an answer out. `wsgi` and `asgi` are plain callables around
it, and need no socket. Time is what `clock` says; left out, it starts at a fixed instant and goes
on by a second at each write, so that every run is the same.
"""

import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.domain.entities import Entity
from coursetrack.endpoint.handler import Endpoint
from coursetrack.endpoint.parameters import Limits
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.endpoint.responses import Reason, Response
from coursetrack.endpoint.routes import PATH
from coursetrack.testing.fake.fields import SIBLINGS
from coursetrack.testing.fake.scene import Scene
from coursetrack.testing.fake.siblings import Siblings
from coursetrack.testing.fake.sign_in import SignIn
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
    """The service, as far as a client of completed lessons can tell: stateful, without a socket.

    Starts from `records` (entities of any kind, those referred to first) in `tracker`, which may
    be the test's own: play events on it, then look through the client. `users` maps a user's name
    to a password and to who that is; the usual one is ``admin@example.com`` / ``password``, a full
    administrator. `max_page_size` clamps, and `clock` gives the time of writes.

    A test puts it in front of its client
        `wsgi`, `asgi`: the applications; `handle`: a call in, an answer out, for any other double
        `url`: the service's own address; `headers()`: what a signed-in user sends
    and arranges and looks at
        `tracker`: what there is; record events on it, change it, ask it
        `fail_next(409, retry_after=1)`: the next requests fail; `expire_tokens()`: sign in again
        `log`: every call, who made it, and the status it got

    What it imitates: list, get one, get several, create, update and delete on
        ``/api/content/coursecompletedlessons``, ``…/courses``, ``…/coursesections``,
        ``…/courselessons``, ``…/coursemembers`` and ``/api/spaces/coworkers``, all in one language
        (`page`, `size`, `orderBy`, `dir`, ``id=[1,2]``, filters by every scalar property that they
        show, ``from_``/``to_`` on times), with the roles ``{Entity}-List`` and so on;
        ``POST /api/token`` with the password and the refresh grant; Bearer and Basic.
    Paths match in any case, with and without a slash at the end. Everything else is a 404 that
    names the fake. README, "Testing a client of the service", has the table.
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
        self.tracker: Tracker = Tracker() if tracker is None else tracker
        self.tracker.add_all(records)
        self.log: list[Seen] = []
        self._clock = clock or _Steps()
        self._sign_in = SignIn(USERS if users is None else users)
        self._endpoint = Endpoint(self.tracker, max_page_size=max_page_size)
        self._siblings = Siblings(
            self.tracker,
            Scene(self.tracker, start=FIRST_INSTANT, clock=self._clock),
            Limits(max_page_size=max_page_size),
        )
        self._failures: deque[Answer] = deque()

    @property
    def users(self) -> dict[str, tuple[str, Principal]]:
        """Each user's name, with the password and who that is; a test may add to it."""
        return self._sign_in.users

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

    def expire_tokens(self, user: str | None = None) -> None:
        """Makes the access tokens of a user, or of all, worthless: calls with them get a 401.

        Refresh tokens stay good, and :meth:`token` gives a new access token from then on.
        """
        for name in self.users if user is None else (user,):
            self._sign_in.expire(name)

    def token(self, user: str = "admin@example.com") -> str:
        """The bearer token of a user, without asking for it."""
        return self._sign_in.token(user)

    def headers(self, user: str = "admin@example.com") -> dict[str, str]:
        """The headers of a request by a user who has a token."""
        return {"Authorization": f"Bearer {self.token(user)}"}

    # -- the pure core

    def handle(self, call: Call) -> Answer:
        """The answer to `call`. Never raises for what a client sent; every call is logged."""
        principal = self._sign_in.principal(call.headers.get("authorization", ""))
        answer = self._failures.popleft() if self._failures else self._answer(call, principal)
        self.log.append(Seen(call=call, principal=principal, status=answer.status))
        return answer

    def _answer(self, call: Call, principal: Principal | None) -> Answer:
        path = call.path.lower()
        if path.removesuffix("/") == TOKEN_PATH:
            return self._token(call)
        request = Request(call.method, path, query=call.query, body=call.body or None)
        response = self._respond(request, principal)
        if response.reason is Reason.UNKNOWN_PATH:
            return _not_imitated(call)
        return _answer(response.status, response.body, response.headers)

    def _respond(self, request: Request, principal: Principal | None) -> Response:
        found = self._siblings.find(request.path)
        if found is not None:
            return self._siblings.handle(*found, request, principal, self._clock)
        writes = request.method in ("POST", "PUT", "DELETE")
        at = self._clock() if writes else FIRST_INSTANT
        return self._endpoint.handle(request, principal=principal, at=at)

    def _token(self, call: Call) -> Answer:
        if call.method != "POST":
            return _answer(405, {"Message": "only POST is allowed here"}, {"Allow": "POST"})
        # Header names lose their underscore on the way through WSGI.
        client_id = call.headers.get("client_id") or call.headers.get("client-id") or ""
        status, body = self._sign_in.grant(call.body, client_id)
        return _answer(status, body, {})

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


TOKEN_PATH = "/api/token"


class _Steps:
    """A clock for which a second passes at each look."""

    def __init__(self) -> None:
        self._now = FIRST_INSTANT

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


def _answer(status: int, body: object, headers: Mapping[str, str]) -> Answer:
    text = json.dumps(body).encode(errors="replace")
    usual = {"Content-Type": JSON, "Content-Length": str(len(text))}
    return Answer(status=status, headers={**headers, **usual}, body=text)


def _not_imitated(call: Call) -> Answer:
    """404: the service may have this, and its fake has not."""
    known = ", ".join((PATH, *SIBLINGS, TOKEN_PATH))
    message = f"FakeNexudus does not imitate {call.method} {call.path[:200]}; it imitates {known}"
    return _answer(404, {"Message": message, "Reason": "not_imitated_by_the_fake"}, {})


def _headers_of(environ: Environ) -> dict[str, str]:
    found = {
        name.removeprefix("HTTP_").replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return found | {"content-type": environ.get("CONTENT_TYPE", "")}
