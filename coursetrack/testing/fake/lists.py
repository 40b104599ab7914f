"""A list's language, made from its fields; and the page that a question in it asks for.

Reading is the endpoint's, given another vocabulary. Answering is a full scan: a fake is small.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from coursetrack.endpoint.records import page_numbers
from coursetrack.endpoint.vocabulary import VOCABULARY, Parameter, Vocabulary, order_reader
from coursetrack.listing.fields import PREFIX
from coursetrack.listing.query import Page
from coursetrack.testing.fake.fields import Field
from coursetrack.testing.fake.kinds import INSTANT

Values = Mapping[str, Any]
"""A record: the value of each property, as it is compared and not as it is written."""

_IS, _FROM, _TO = "is", "from", "to"


def vocabulary_of(entity: str, fields: Iterable[Field]) -> Vocabulary:
    """The parameters that the list of `fields` understands."""
    return Vocabulary(entity, _parameters(entity, tuple(fields)))


def _parameters(entity: str, fields: tuple[Field, ...]) -> Iterator[Parameter]:
    orders = {each.name: f"{entity}_{each.spelling}" for each in fields}
    for name in ("page", "size", "dir"):
        yield _of_the_main_list(name)
    yield Parameter("orderBy", "order_by", order_reader(orders), "The property to sort by.")
    for each in fields:
        spelling = orders[each.name]
        about = f"{each.name}: {each.kind.words}."
        yield Parameter(spelling, f"{_IS} {each.name}", each.kind.read, about)
        if each.kind is INSTANT:
            for end in (_FROM, _TO):
                read = _of_the_main_list(f"{end}_{PREFIX}_CreatedOn").read
                yield Parameter(f"{end}_{spelling}", f"{end} {each.name}", read, about)
    for bare, name in (("id", "Id"), ("uniqueId", "UniqueId")):
        kind = next(each.kind for each in fields if each.name == name)
        yield Parameter(bare, f"{_IS} {name}", kind.read, f"{name}: {kind.words}.")


def _of_the_main_list(name: str) -> Parameter:
    found = VOCABULARY.find(name)
    assert found is not None, name
    return found


def answer(
    records: Sequence[Values],
    asked: Mapping[str, Any],
    fields: Mapping[str, Field],
    *,
    accents: bool,
) -> tuple[list[Values], dict[str, Any]]:
    """The records on the page that is `asked` for, and the numbers beside them.

    `accents` says whether accents count, as in the main list.
    """
    found = [each for each in records if _is_found(each, asked, fields, accents)]
    order_by, direction = asked.get("order_by", "Id"), asked.get("direction", 1)
    found.sort(key=lambda each: _place(each, fields[order_by], accents), reverse=direction < 0)
    number, size = asked.get("page", 1), asked["size"]
    rows = found[(number - 1) * size : number * size]
    made: Any = tuple(rows)
    page = Page(records=made, total_items=len(found), page_number=number, page_size=size)
    return rows, page_numbers(page, order_by=order_by, direction=direction)


def _is_found(
    record: Values, asked: Mapping[str, Any], fields: Mapping[str, Field], accents: bool
) -> bool:
    return all(
        _holds(record, how, fields[name], wanted, accents)
        for how, name, wanted in _filters(asked)
        if wanted is not None
    )


def _filters(asked: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, wanted in asked.items():
        how, blank, name = key.partition(" ")
        if blank:
            yield how, name, wanted


def _holds(record: Values, how: str, field: Field, wanted: Any, accents: bool) -> bool:
    value = record[field.name]
    if how == _IS or value is None:
        return field.kind.finds(value, wanted, accents=accents)
    return bool(value >= wanted if how == _FROM else value <= wanted)


def _place(record: Values, field: Field, accents: bool) -> tuple[Any, ...]:
    """Where a record stands when sorted by `field`: nulls first, ties by Id."""
    value = record[field.name]
    if value is None:
        return (False, record["Id"])
    return (True, field.kind.key(value, accents), record["Id"])
