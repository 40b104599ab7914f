"""Records as plain columns, and counts of them, without making a record.

rows [3, 8]  ──>  {"id": [4, 9], "lesson_title": ["Welcome", "Tools"], "created_on": [...], ...}
rows [3, 8]  ──>  counted by lesson_id and day  ──>  {(10, 2025-01-10): 1, (11, 2025-01-10): 1}
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Literal

from coursetrack.domain.values import instant
from coursetrack.listing.dimensions import LiveNames
from coursetrack.listing.fields import FIELDS, ORDERS, Kind, ListField, Side
from coursetrack.listing.table import Table

CountKey = Literal["lesson_id", "member_id", "course_id", "day"]
"""What completions can be counted by; a day is the UTC date of `created_on`."""

_DAY = 86_400_000_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def plain_columns(table: Table, names: LiveNames, rows: Sequence[int]) -> dict[str, list[Any]]:
    """One column for each list field, in the order of `ORDERS`, all of one length. O(rows)."""
    fields = (FIELDS[name] for name in ORDERS.values())
    return {field.name: list(_values(table, names, field, rows)) for field in fields}


def _values(table: Table, names: LiveNames, field: ListField, rows: Sequence[int]) -> Iterable[Any]:
    if field.side is not Side.RECORD:
        sides = _column(table, field.side.value, rows)
        return sides if field.of is None else _looked_up(sides, _reader(names, field))
    if field.kind is Kind.INSTANT:
        return _looked_up(_column(table, str(field.column), rows), lambda at: instant(int(at)))
    if field.column is not None:
        return _column(table, field.column, rows)
    return map(_OF_RECORDS[field.name], [table] * len(rows), rows)


def _column(table: Table, name: str, rows: Sequence[int]) -> list[Any]:
    column = getattr(table, name)
    return [column[row] for row in rows]


def _reader(names: LiveNames, field: ListField) -> Callable[[int], Any]:
    read = field.of
    assert read is not None

    def of(side: int) -> Any:
        entity = names.entity(field.side, side)
        return None if entity is None else read(entity)

    return of


def _looked_up(keys: Iterable[Any], look_up: Callable[[Any], Any]) -> Iterable[Any]:
    """What `look_up` says of each key; asked once for each different one."""
    known: dict[Any, Any] = {}
    for key in keys:
        if key not in known:
            known[key] = look_up(key)
        yield known[key]


_OF_RECORDS: dict[str, Callable[[Table, int], Any]] = {
    "updated_by": Table.editor,
    "unique_id": Table.unique_id,
    "system_id": Table.system_id,
}


def counted(
    table: Table, names: LiveNames, keys: Sequence[CountKey], rows: Sequence[int]
) -> dict[tuple[Any, ...], int]:
    """How many of `rows` share each combination of `keys`, combinations ascending. O(rows)."""
    columns = [_keys(table, names, key, rows) for key in keys]
    return dict(sorted(Counter(zip(*columns, strict=True)).items()))


def _keys(table: Table, names: LiveNames, key: CountKey, rows: Sequence[int]) -> Iterable[Any]:
    match key:
        case "lesson_id":
            return _column(table, "lessons", rows)
        case "member_id":
            return _column(table, "members", rows)
        case "course_id":
            return _looked_up(_column(table, "lessons", rows), lambda id_: _course(names, id_))
        case "day":
            created = _column(table, "created", rows)
            return _looked_up((int(at // _DAY) for at in created), _day)


def _course(names: LiveNames, lesson_id: int) -> int:
    lesson = names.lessons.get(lesson_id)
    return 0 if lesson is None else lesson.course_id


def _day(since_epoch: int) -> date:
    return date.fromordinal(_EPOCH_DAY + since_epoch)
