"""Every name a caller may use in a query, and what it stands for. Names compare in any case."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

import attrs

from coursetrack.endpoint.instants import read_first, read_instant, read_last
from coursetrack.endpoint.readers import (
    read_direction,
    read_id,
    read_page,
    read_size,
    read_unique_id,
)
from coursetrack.errors import InvalidValue, nearest
from coursetrack.listing.fields import (
    FIELDS,
    FILTERS,
    ORDERS,
    PREFIX,
    Bound,
    Kind,
    ListField,
    OrderBy,
)

Name = TypeVar("Name", bound=str)

ORDER_SPELLINGS: Mapping[OrderBy, str] = MappingProxyType(
    {order: FIELDS[name].spelling for order, name in ORDERS.items()}
)
"""What ``orderBy`` may name, canonically, each with its filter's spelling."""


def read_text(text: str) -> str | None:
    """The text, or None (no filter) for an empty one."""
    return text or None


def order_reader(spellings: Mapping[Name, str]) -> Callable[[str], Name]:
    """Reads a property to sort by, from its own name or from its filter's, to its own name.

    `spellings` are the names that a list can be sorted by, each with its filter's spelling.
    """
    known: dict[str, Name] = {
        _key(each): name for name, other in spellings.items() for each in (name, other)
    }

    def read_order(text: str) -> Name:
        found = known.get(_key(text))
        if found is None:
            near = nearest(text, spellings)
            hint = f"; did you mean {near}?" if near else ""
            what = f"one of {', '.join(spellings)}{hint}"
            raise InvalidValue(f"expected {what}", value=text, expected=what)
        return found

    return read_order


def _key(name: str) -> str:
    # Only ASCII: other letters may fold to it ("ſize"), and those are other names.
    return name.lower() if name.isascii() else name


@attrs.frozen
class Parameter:
    """One known parameter: its canonical spelling, the query's field, and how its text is read.

    `kind` is that of the list field which it filters by; None for the page's own parameters.
    """

    name: str
    field: str
    read: Callable[[str], object]
    about: str
    kind: Kind | None = None


_READERS: Mapping[Kind, Callable[[str], object]] = MappingProxyType(
    {
        Kind.ID: read_id,
        Kind.TEXT: read_text,
        Kind.TEAMS: read_text,
        Kind.CODE: read_text,
        Kind.INSTANT: read_instant,
        Kind.UNIQUE_ID: read_unique_id,
    }
)


_ENDS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {"from_": read_first, "to_": read_last}
)


def _filter(row: ListField | Bound) -> Parameter:
    if isinstance(row, Bound):
        name = f"{row.end}{FIELDS[row.of].spelling}"
        return Parameter(name, row.name, _ENDS[row.end], row.about, Kind.INSTANT)
    return Parameter(row.spelling, row.name, _READERS[row.kind], row.about, row.kind)


def _bare() -> Iterator[Parameter]:
    for row in FILTERS:
        if isinstance(row, ListField) and row.bare:
            listed = "; a list such as [1,2,3] asks for several." if row.name == "id" else "."
            about = row.about.removesuffix(".") + listed
            yield Parameter(row.bare, row.name, _READERS[row.kind], about, row.kind)


PARAMETERS: tuple[Parameter, ...] = (
    Parameter("page", "page", read_page, "The page number to retrieve, from 1."),
    Parameter("size", "size", read_size, "The number of records per page; clamped to the maximum."),
    Parameter(
        "orderBy",
        "order_by",
        order_reader(ORDER_SPELLINGS),
        "The property to sort by; ties go by Id.",
    ),
    Parameter("dir", "direction", read_direction, "1 for ascending, -1 for descending."),
    *map(_filter, FILTERS),
    *_bare(),
)
"""What the list understands, in the order that a query is written in."""


class Vocabulary:
    """The parameters that the list of one kind of entity understands. Names compare in any case."""

    def __init__(self, entity: str, parameters: Iterable[Parameter]) -> None:
        self.entity = entity
        self.parameters: tuple[Parameter, ...] = tuple(parameters)
        self._by_key = {_key(each.name): each for each in self.parameters}
        self._prefixed = {
            self._without_prefix(each.name): each.name
            for each in self.parameters
            if self.names_the_entity(each.name)
        }

    def find(self, name: str) -> Parameter | None:
        """The parameter of this name, or None."""
        return self._by_key.get(_key(name))

    def names_the_entity(self, name: str) -> bool:
        """Whether `name` starts with the entity's name, also behind ``from_`` or ``to_``."""
        key = _key(name).removeprefix("from_").removeprefix("to_")
        return key.startswith(self.entity.lower())

    def nearest(self, name: str) -> str | None:
        """The parameter's name that `name` was most likely meant to be, or None."""
        near = nearest(self._without_prefix(name), self._prefixed)
        return self._prefixed[near] if near else None

    def _without_prefix(self, name: str) -> str:
        # What all names share would make every one of them look near, and slow to compare.
        return _key(name).replace(self.entity.lower(), "", 1)


VOCABULARY = Vocabulary(PREFIX, PARAMETERS)
"""What the list of completed lessons understands."""
