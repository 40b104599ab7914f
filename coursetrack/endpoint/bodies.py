"""The bodies of create and update: JSON -> ids, or every problem at once.

Keys compare in any case, unknown keys are ignored (clients send extras), and a value is a whole
number or wrong: no texts, no floats, no booleans. (decided)
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

import attrs

from coursetrack.domain.values import MAX_ID
from coursetrack.endpoint.problems import kind_of, problem
from coursetrack.errors import InvalidRequest, Problem

CREATE = ("CourseLessonId", "CourseMemberId")
UPDATE = ("Id", *CREATE)
"""The required properties of each body [docs]; all are ids."""


@attrs.frozen
class Body:
    """The ids that could be read, by property, and the problems with the others."""

    ids: Mapping[str, int]
    problems: tuple[Problem, ...]


def read_body(body: object, names: Iterable[str]) -> Body:
    """The ids under `names` in `body`: parsed JSON, or JSON as text or bytes.

    Raises :class:`InvalidRequest` for what is no JSON object. O(length of the body).
    """
    given = _by_key(body)
    ids: dict[str, int] = {}
    problems: list[Problem] = []
    for name in names:
        values = given.get(name.lower(), [])
        found = list(_problems_of(name, values))
        problems += found
        if not found:
            ids[name] = values[0]
    return Body(ids, tuple(problems))


def _problems_of(name: str, values: list[Any]) -> Iterator[Problem]:
    if not values or values[0] is None:
        yield problem(name, "is a required field")
    elif len(values) > 1:
        yield problem(name, "is given more than once", values[1])
    elif type(values[0]) is not int or not 0 < values[0] <= MAX_ID:
        yield problem(name, f"expected an id, a whole number from 1 to {MAX_ID}", values[0])


def read_pairs(body: object) -> list[tuple[str, Any]]:
    """The keys and values of `body` as they stand, also where a key is given twice.

    Raises :class:`InvalidRequest` for what is no JSON object. O(length of the body).
    """
    parsed = _parsed(bytes(body) if isinstance(body, bytearray) else body)
    if not isinstance(parsed, dict):
        raise InvalidRequest((_not_an_object(parsed),))
    pairs = parsed.pairs if isinstance(parsed, _Object) else parsed.items()
    return [(key, value) for key, value in pairs if isinstance(key, str)]


def _by_key(body: object) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key, value in read_pairs(body):
        found.setdefault(key.lower() if key.isascii() else key, []).append(value)
    return found


class _Object(dict[Any, Any]):
    """A JSON object that also keeps its pairs, so that a key given twice is seen."""

    def __init__(self, pairs: list[tuple[Any, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def _parsed(body: object) -> object:
    if not isinstance(body, str | bytes):
        return body
    try:
        text = body if isinstance(body, str) else body.decode()
        return json.loads(
            text, object_pairs_hook=_Object, parse_int=_whole_number, parse_constant=_no_json
        )
    except (ValueError, RecursionError):
        # Undecodable bytes, broken JSON, and nesting deeper than Python follows.
        raise InvalidRequest((problem("body", "expected a JSON object"),)) from None


def _whole_number(digits: str) -> int | str:
    # Reading digits takes more than linear time; so many of them are no id anyway.
    return int(digits) if len(digits) <= 20 else digits


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _not_an_object(body: object) -> Problem:
    got = "nothing" if body is None else kind_of(body)
    return problem("body", f"expected a JSON object, got {got}")
