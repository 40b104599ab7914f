"""The list endpoint and its siblings: a request value in, a response value out.

In reading order: ``requests`` and ``responses`` are what comes in and goes out; ``routes`` and
``rights`` decide before anything else is read; ``query_text``, ``readers``, ``vocabulary`` and
``parameters`` turn text into a query, ``bodies`` JSON into ids, each telling all problems at once;
``records`` shows what was found; ``handler`` puts them together over what ``served`` asks for;
``description`` tells it all to machines.
"""

from coursetrack.endpoint.description import openapi
from coursetrack.endpoint.handler import Endpoint
from coursetrack.endpoint.instants import read_instant, write_instant
from coursetrack.endpoint.parameters import Limits, read_query, write_query
from coursetrack.endpoint.records import page_dict, record_dict
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.endpoint.responses import Reason, Response

__all__ = [
    "Endpoint",
    "Limits",
    "Principal",
    "Reason",
    "Request",
    "Response",
    "openapi",
    "page_dict",
    "read_instant",
    "read_query",
    "record_dict",
    "write_instant",
    "write_query",
]
