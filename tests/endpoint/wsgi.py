"""The smallest WSGI host: one token is the administrator's, and it is always noon."""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from coursetrack.endpoint import Request, openapi
from tests.endpoint.worlds import NOW, Caller

TOKEN = "open-sesame"


def host(caller: Caller) -> Callable[..., Iterable[bytes]]:
    """A WSGI application in front of `caller`, with its description at ``/openapi.json``."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/openapi.json":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(openapi()).encode()]
        known = environ.get("HTTP_AUTHORIZATION") == f"Bearer {TOKEN}"
        principal = caller.principal if known else None
        response = caller.endpoint.handle(_request(environ), principal=principal, at=NOW)
        status = f"{response.status} {HTTPStatus(response.status).phrase}"
        start_response(status, list(response.headers.items()))
        return [json.dumps(response.body, allow_nan=False).encode()]

    return application


def _request(environ: dict[str, Any]) -> Request:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return Request(
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
        query=environ.get("QUERY_STRING", "").encode("latin-1"),
        body=environ["wsgi.input"].read(length),
    )
