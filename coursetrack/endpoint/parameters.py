"""Query parameters -> a :class:`CompletedLessonQuery`, or every problem at once; and back."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import attrs

from coursetrack.domain.values import MAX_ID, as_int
from coursetrack.endpoint.instants import write_instant
from coursetrack.endpoint.problems import cut, problem
from coursetrack.endpoint.query_text import Pairs, split_query
from coursetrack.endpoint.readers import MAX_PAGE, is_list, read_ids
from coursetrack.endpoint.vocabulary import PARAMETERS, VOCABULARY, Parameter, Vocabulary
from coursetrack.errors import InvalidRequest, InvalidValue, Problem
from coursetrack.listing.fields import Kind
from coursetrack.listing.query import CompletedLessonQuery, TextMatch

_MOST_SUGGESTIONS = 8


@attrs.frozen(kw_only=True)
class Limits:
    """How much a caller may ask for, and how texts match.

    A `size` above `max_page_size` is clamped; `default_page_size` applies when none is sent (and
    is clamped, too). `max_query_bytes` and `max_parameters` bound the query text. Raises
    :class:`InvalidValue` for a number below 1, and for a size above 2**31 - 1.
    """

    max_page_size: int = 1000
    default_page_size: int = 25
    text_match: TextMatch = "contains"
    max_query_bytes: int = 8192
    max_parameters: int = 200

    def __attrs_post_init__(self) -> None:
        for name in ("max_page_size", "default_page_size"):
            as_int(name, getattr(self, name), low=1, high=MAX_PAGE)
        for name in ("max_query_bytes", "max_parameters"):
            as_int(name, getattr(self, name), low=1, high=MAX_ID)
        if self.text_match not in ("contains", "exact"):
            raise InvalidValue.of("text_match", self.text_match, "'contains' or 'exact'")

    def split(self, query: object) -> Pairs:
        """`query` as pairs, within these limits."""
        return split_query(
            query, max_bytes=self.max_query_bytes, max_parameters=self.max_parameters
        )


DEFAULT_LIMITS = Limits()


def read_query(query: object, *, limits: Limits = DEFAULT_LIMITS) -> CompletedLessonQuery:
    """What `query` (a query string, bytes, or pairs) asks of the list, within `limits`.

    Raises :class:`InvalidRequest` with all problems. O(length of the text).
    """
    return query_of(limits.split(query), limits)


def write_query(query: CompletedLessonQuery) -> str:
    """The query string that :func:`read_query` turns back into `query`.

    How texts match is no part of it: that is the endpoint's choice, not the caller's. A query with
    a page or size above the endpoint's maximum, or very long texts, is written all the same.
    """
    return urlencode(dict(_written(query)))


def _written(query: CompletedLessonQuery) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for each in PARAMETERS:
        value = getattr(query, each.field)
        if value is not None and each.field not in seen:
            seen.add(each.field)
            yield each.name, write_instant(value) if each.kind is Kind.INSTANT else str(value)


def query_of(pairs: Pairs, limits: Limits) -> CompletedLessonQuery:
    """The list's query that `pairs` ask for. Raises :class:`InvalidRequest` with all problems."""
    fields = fields_of(pairs, limits)
    return CompletedLessonQuery(**fields, text_match=limits.text_match)  # type: ignore[arg-type]


def fields_of(
    pairs: Pairs, limits: Limits, vocabulary: Vocabulary = VOCABULARY
) -> dict[str, object]:
    """What `pairs` say in the words of `vocabulary`, by field; always with the `size` to use.

    Raises :class:`InvalidRequest` with all problems.
    """
    fields, problems = _fields(pairs, vocabulary)
    if problems:
        raise InvalidRequest(problems)
    size = fields.get("size", limits.default_page_size)
    assert isinstance(size, int)
    return {**fields, "size": min(size, limits.max_page_size)}


def asks_for_several(pairs: Pairs) -> bool:
    """Whether an ``id`` is a bracketed list: get several, not list. Only looks at the form."""
    return any(name.lower() == "id" and is_list(value) for name, value in pairs.found)


def ids_of(pairs: Pairs, vocabulary: Vocabulary = VOCABULARY) -> tuple[int, ...]:
    """The ids that get several asks for, in order.

    Raises :class:`InvalidRequest` with all problems; a filter next to the ids is one, since
    ignoring it would widen the answer. Paging and order are ignored. (decided)
    """
    problems = list(pairs.problems)
    listed = [value for name, value in pairs.found if name.lower() == "id"]
    if len(listed) > 1:
        problems.append(_repeated("id", listed[1]))
    problems += [
        problem(name, "does not combine with a list of ids", value)
        for name, value in pairs.found
        if vocabulary.names_the_entity(name)
    ]
    try:
        ids = read_ids(listed[0])
    except InvalidValue as error:
        problems.append(problem("id", str(error), listed[0]))
    if problems:
        raise InvalidRequest(problems)
    return ids


def _fields(pairs: Pairs, vocabulary: Vocabulary) -> tuple[dict[str, object], list[Problem]]:
    given: dict[str, tuple[Parameter, str]] = {}
    problems = list(pairs.problems)
    unknown: dict[str, str] = {}
    for name, value in pairs.found:
        parameter = vocabulary.find(name)
        if parameter is None:
            if vocabulary.names_the_entity(name):
                unknown[name] = value
        elif parameter.field in given:
            problems.append(_repeated(parameter.name, value))
        else:
            given[parameter.field] = (parameter, value)
    problems += _unknown(unknown, vocabulary)
    return _read(given, problems), problems


def _read(given: Mapping[str, tuple[Parameter, str]], problems: list[Problem]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for field, (parameter, text) in given.items():
        try:
            fields[field] = parameter.read(text)
        except InvalidValue as error:
            problems.append(problem(parameter.name, str(error), text))
    return fields


def _unknown(names: Mapping[str, str], vocabulary: Vocabulary) -> Iterator[Problem]:
    for place, (name, value) in enumerate(names.items()):
        # Looking for the nearest name is the slowest thing here, so it is bounded.
        near = vocabulary.nearest(name) if place < _MOST_SUGGESTIONS else None
        hint = f"; did you mean {near}?" if near else ""
        yield problem(name, f"is no filter of this list{hint}", value)


def _repeated(name: str, value: str) -> Problem:
    return problem(name, "is given more than once", cut(value))
