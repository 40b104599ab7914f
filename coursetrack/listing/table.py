"""Rows: the only truth of the repository, in typed columns that are only ever appended to.

A row is one version of a record. Changing a record appends its new version and marks the old row
dead; so an index that lags behind can still compute the key under which it holds a dead row.

    row          0        1        2        3
    ids          1        2        3        2      <- record 2 was changed
    created      10       11       12       11
    alive        1        0        1        1
    tombstones       [1]

What of the columns is in force is one value, ``now``, and replacing it is the only way in which a
table changes::

    now.size     4                     what a failed write left in a column beyond it is not there
    now.dead     1                     nor is a tombstone beyond this one
    now.buffered  [(4, 10, 7, ...)]     rows made by events: the next read moves them to the columns

So a write that is cut off anywhere has not happened; `trim` cuts off what it left behind, before
the next one.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain, compress, islice, repeat
from operator import itemgetter, le, lt, sub, truediv
from typing import Any, NamedTuple, Protocol, TypeVar

import attrs

from coursetrack.domain.entities import CompletedLesson, given_unique_id
from coursetrack.domain.rows import Row
from coursetrack.domain.values import (
    derived_unique_id,
    derived_unique_number,
    instant,
    microseconds,
)
from coursetrack.listing.sizes import bytes_of

EPOCH = instant(0)
_MICROSECOND = timedelta(microseconds=1)
_EXACT = 2**53
_QUICK = 2**32 * 1_000_000  # until 2106 a float of seconds keeps microseconds exactly
_BUFFER_LIMIT = 524_288  # some 75 MB while they wait; the next read pays for them all
_COLUMNS = ("ids", "lessons", "members", "created", "updated", "editors")
_CUT_ORDER = _COLUMNS[::-1]


class Completing(Protocol):
    """What an event says of the completion that it makes."""

    @property
    def lesson_id(self) -> int:
        """The lesson that is completed."""

    @property
    def member_id(self) -> int:
        """The member who completed it."""

    @property
    def at(self) -> datetime:
        """When (UTC)."""


@attrs.frozen
class CompletingColumns:
    """The same of many events, as columns; `instants` are microseconds since 1970."""

    lessons: list[int]
    members: list[int]
    instants: list[int]

    def __len__(self) -> int:
        """How many events there are."""
        return len(self.lessons)


CompletingAll = Sequence[Completing] | CompletingColumns

Batch = tuple[Sequence[int], CompletingAll, datetime | None]
"""The ids of new completions, the events that made them, and when they were updated: then too."""

_NO_BATCH: Batch = ((), (), None)


class Extra(NamedTuple):
    """What few records have; kept apart so that the others do not pay for it."""

    system_id: str | None
    custom_fields: Any
    localization_details: Any
    to_string_text: str | None
    unique_id: str | None


NOTHING_EXTRA = Extra(None, None, None, None, None)
"""What most records have."""


@attrs.frozen
class Now:
    """What of a table's columns is in force."""

    size: int = 0
    """How many rows there are, dead ones too."""
    live: int = 0
    """How many rows are in force."""
    dead: int = 0
    """How many of the `tombstones` count."""
    newest: tuple[int, float] = (0, float("-inf"))
    """The largest id and the latest instant so far."""
    instants_ascend: bool = True
    """Ids and instants ascend together: one order serves both."""
    rows_ascend: bool = True
    """Rows ascend by id: row order is id order."""
    batch: Batch = _NO_BATCH
    """Came after the rows, before what is buffered."""
    buffered: list[Row] = attrs.field(factory=list)
    """Came last. The one part that grows in place: by a row each time, in one step."""


_PLAIN: dict[str, Any] = {
    "id": 0,
    "lesson_id": 0,
    "member_id": 0,
    "created_on": None,
    "updated_on": None,
    "updated_by": None,
    "system_id": None,
    "custom_fields": None,
    "localization_details": None,
    "to_string_text": None,
}
"""The attributes of a record, as most have them: copied, which is quicker than naming each."""

Value = TypeVar("Value")

_fill: Callable[[CompletedLesson, dict[str, Any]], None] = next(
    vars(each)["__dict__"].__set__ for each in CompletedLesson.__mro__ if "__dict__" in vars(each)
)
"""Makes a dict the attributes of a record that has none yet."""


class Columns(NamedTuple):
    """All records as columns in order of id, to hand out and to take in: snapshots, bulk loads.

    `created` and `updated` are whole microseconds since 1970; `editors` number the
    `editor_names`, of which the first is None; `extras` are by position.
    """

    ids: Sequence[int]
    lessons: Sequence[int]
    members: Sequence[int]
    created: Sequence[int]
    updated: Sequence[int]
    editors: Sequence[int]
    editor_names: Sequence[str | None]
    extras: Mapping[int, Extra]


class Table:
    """The columns. Times are whole microseconds since 1970, as floats while those are exact."""

    __slots__ = (
        "_borrowed",
        "alive",
        "created",
        "editor_names",
        "editor_numbers",
        "editors",
        "extras",
        "ids",
        "lessons",
        "members",
        "now",
        "strays",
        "tombstones",
        "tops",
        "tops_from",
        "updated",
    )

    def __init__(self) -> None:
        self.now: Now = Now()
        self.ids: array[int] = array("i")
        self.lessons: array[int] = array("i")
        self.members: array[int] = array("i")
        self.created: array[Any] = array("d")
        self.updated: array[Any] = array("d")
        self.editors: array[int] = array("H")
        self.alive: bytearray = bytearray()
        self.tombstones: array[int] = array("i")
        self.extras: dict[int, Extra] = {}
        self.tops: array[int] = array("q")
        self.tops_from: int = 0  # the rows before this one ascend
        self.strays: dict[int, tuple[int, ...]] = {}
        self.editor_names: list[str | None] = [None]
        self.editor_numbers: dict[str | None, int] = {None: 0}
        self._borrowed = False

    def __len__(self) -> int:
        """How many records there are."""
        now = self.now
        return now.live + len(now.batch[0]) + len(now.buffered)

    def may_hold(self, id_: int) -> bool:
        """False when no record with this id can be there, since all ids are smaller."""
        self.flush()
        return id_ <= self.now.newest[0]

    # -- writing

    def append(self, row: Row) -> None:
        """Adds what an event completed. O(1)."""
        buffered = self.now.buffered
        buffered.append(row)
        if len(buffered) >= _BUFFER_LIMIT:
            self.flush()

    def extend(self, rows: Sequence[Row]) -> None:
        """Adds all of `rows` or, where that fails, none. O(rows)."""
        self.flush()
        if rows:
            self._file(_as_columns(rows))

    def enqueue(
        self, ids: Sequence[int], events: CompletingAll, updated: datetime | None = None
    ) -> None:
        """Adds what `events` completed, under these ids. O(1): both wait like buffered rows.

        All were updated at `updated`, or each when it was created.
        """
        self.flush()
        self.now = attrs.evolve(self.now, batch=(ids, events, updated))

    def put(self, record: CompletedLesson | None, replaced: int | None = None) -> None:
        """Puts `record` as a new row in the place of the row `replaced`; either may be None. O(1).

        The new row and the death of the old one come into force together::

            put(record 2 changed, replaced=1)       now      size 3, live 3, dead 0
                                                             size 4, live 3, dead 1
        """
        self.flush()
        self.trim()
        now, row = self.now, self.now.size
        newest, instants_ascend, ascend = now.newest, now.instants_ascend, now.rows_ascend
        if record is not None:
            created = self._write(row, record)
            if record.id > newest[0]:
                instants_ascend = instants_ascend and created >= newest[1]
            else:
                ascend = False
                instants_ascend = (
                    instants_ascend and replaced is not None and self.created[replaced] == created
                )
            newest = max(record.id, newest[0]), max(created, newest[1])
        if replaced is not None:
            self.tombstones.append(replaced)
            self.alive[replaced] = 0
        came, went = record is not None, replaced is not None
        self.now = Now(
            row + came, now.live + came - went, now.dead + went, newest, instants_ascend, ascend
        )

    def _write(self, row: int, record: CompletedLesson) -> int:
        """Writes `record` behind the rows in force, and returns its instant."""
        self._own()
        created, updated = microseconds(record.created_on), microseconds(record.updated_on)
        times, editor = (created, updated), self._editor_number(record.updated_by)
        if _exact(times) or self.created.typecode == self.updated.typecode == "q":
            try:  # which takes a tenth of the time of what any column may need
                self.ids.append(record.id)
                self.lessons.append(record.lesson_id)
                self.members.append(record.member_id)
                self.created.append(created)
                self.updated.append(updated)
                self.editors.append(editor)
            except OverflowError:
                self._cut(row)
                self._write_wider(record, times, editor)
        else:
            self._write_wider(record, times, editor)
        self.alive.append(1)
        if record.id <= self.now.newest[0]:
            self._stray(record.id, row)
        extra = _extra(record)
        if extra != NOTHING_EXTRA:
            self.extras[row] = extra
        return created

    def _write_wider(self, record: CompletedLesson, times: tuple[int, int], editor: int) -> None:
        """Writes the same where a column must become wider for it."""
        self.ids = _extended(self.ids, (record.id,))
        self.lessons = _extended(self.lessons, (record.lesson_id,))
        self.members = _extended(self.members, (record.member_id,))
        self.created = _extended_times(self.created, times[:1])
        self.updated = _extended_times(self.updated, times[1:])
        self.editors = _extended(self.editors, (editor,))

    def _cut(self, size: int) -> None:
        """Cuts the columns to so many rows, the ids last."""
        for name in _CUT_ORDER:
            del getattr(self, name)[size:]

    def _note_strays(self, ids: Sequence[int]) -> None:
        """Notes which of the rows that `ids` are about to become do not ascend."""
        top = self.now.newest[0]
        for row, id_ in enumerate(ids, self.now.size):
            if id_ <= top:
                self._stray(id_, row)
            top = max(top, id_)

    def _stray(self, id_: int, row: int) -> None:
        """Notes a row that does not ascend; a note that is wrong by then is passed over."""
        if not self.strays or row < self.tops_from:
            del self.tops[:]
            self.tops_from = row
        noted = self.strays.get(id_, ())
        self.strays[id_] = (*(each for each in noted if each < row and self.alive[each]), row)

    def savepoint(self) -> Now:
        """A place to `roll_back_to` to; good as long as no record was put since."""
        self.flush()
        return self.now

    def roll_back_to(self, savepoint: Now) -> None:
        """Forgets every row from `savepoint` on."""
        self.now = attrs.evolve(savepoint, buffered=[])
        self.trim()

    def flush(self) -> None:
        """Moves what waits into the columns. O(what waits)."""
        now = self.now
        if not (now.buffered or now.batch[0]):
            return
        if len(now.buffered) > 1 or now.batch[0] or not self._file_one(now.buffered[0]):
            self._file(self._waiting())

    def _file_one(self, row: Row) -> bool:
        """Moves the only row that waits; False where it is not a usual one. O(1).

        One read after each write is what a service does: this takes a third of what `_file` does.
        """
        now, time = self.now, (row[3] - EPOCH) / _MICROSECOND
        if len(row) > 4 or row[0] <= now.newest[0] or not -_EXACT < time < _EXACT:
            return False
        self.trim()
        self._own()
        try:
            self.ids.append(row[0])
            self.lessons.append(row[1])
            self.members.append(row[2])
            self.created.append(time)
            self.updated.append(time)
        except (OverflowError, TypeError):  # a column must become wider, or holds whole numbers
            self._cut(now.size)
            return False
        self.editors.append(0)
        self.alive.append(1)
        self.now = Now(
            now.size + 1,
            now.live + 1,
            now.dead,
            (row[0], max(time, now.newest[1])),
            now.instants_ascend and time >= now.newest[1],
            now.rows_ascend,
        )
        return True

    def _file(self, waiting: tuple[Sequence[Any], ...]) -> None:
        """Moves these ids, lessons, members and instants into the columns; nothing else waits."""
        ids, lessons, members, instants = waiting[:4]
        times = _times(instants)
        updated = _times(waiting[4]) if len(waiting) > 4 else times
        self.trim()
        self._own()
        now, count = self.now, len(ids)
        self.ids = _extended(self.ids, ids)
        self.lessons = _extended(self.lessons, lessons)
        self.members = _extended(self.members, members)
        self.created = _extended_times(self.created, times)
        self.updated = _extended_times(self.updated, updated)
        self.editors.extend(repeat(0, count))
        self.alive.extend(b"\1" * count)
        ascends = ids[0] > now.newest[0] and all(map(lt, ids, ids[1:]))
        if not ascends:
            self._note_strays(ids)
        instants_ascend = (
            now.instants_ascend
            and ascends
            and times[0] >= now.newest[1]
            and all(map(le, times, times[1:]))
        )
        newest = max(now.newest[0], max(ids)), max(now.newest[1], max(times))
        # What waited is in force as rows, and waits no more, from this assignment on.
        self.now = Now(
            now.size + count,
            now.live + count,
            now.dead,
            newest,
            instants_ascend,
            now.rows_ascend and ascends,
        )

    def _waiting(self) -> tuple[Sequence[Any], ...]:
        """The columns of all that waits, in order of arrival: see :func:`_as_columns`."""
        buffered = self.now.buffered
        ids, events, updated = self.now.batch
        if not ids:
            return _as_columns(buffered)
        lessons, members, instants = _told_by(events)
        waiting: list[list[Any]] = [list(ids), lessons, members, instants]
        more = _as_columns(buffered) if buffered else ()
        if updated is not None or len(more) > 4:
            waiting.append(list(instants) if updated is None else [updated] * len(instants))
        for place, column in enumerate(waiting if more else ()):
            column.extend(more[min(place, len(more) - 1)])  # created again where none was updated
        return tuple(waiting)

    def _editor_number(self, name: str | None) -> int:
        number = self.editor_numbers.get(name)
        if number is None:
            self.editor_names.append(name)
            number = self.editor_numbers[name] = len(self.editor_names) - 1
        return number

    def trim(self) -> None:
        """Cuts what a failed write left behind. O(1) where nothing was left.

        A row that a failed write took out of force is in force again::

            dead 1     tombstones [1, 2]   alive 1 0 0 1      before
                       tombstones [1]      alive 1 0 1 1      after
        """
        size, dead = self.now.size, self.now.dead
        if self.tops_from + len(self.tops) > size:
            del self.tops[max(size - self.tops_from, 0) :]
        # Ids are written first and cut last: as long as they end at `size`, so does all else.
        if len(self.ids) == size and len(self.tombstones) == dead:
            return
        for row in self.tombstones[dead:]:
            self.alive[row] = 1
        del self.tombstones[dead:]
        self.extras.pop(size, None)
        del self.alive[size:]
        self._own()
        self._cut(size)

    # -- whole tables

    def columns(self) -> Columns:
        """All records. O(n), O(n log n) where rows do not ascend by id."""
        rows, extras = self._rows_by_id(), self.extras
        return Columns(
            picked(self.ids, rows),
            picked(self.lessons, rows),
            picked(self.members, rows),
            [*map(int, picked(self.created, rows))],
            [*map(int, picked(self.updated, rows))],
            picked(self.editors, rows),
            tuple(self.editor_names),
            {at: extras[row] for at, row in enumerate(rows) if row in extras} if extras else {},
        )

    @classmethod
    def of(cls, columns: Columns) -> "Table":
        """A table that holds `columns`, which are well formed and ascend by id. O(n)."""
        table = cls()
        count = len(columns.ids)
        if not count:
            return table
        table.ids = _extended(table.ids, columns.ids)
        table.lessons = _extended(table.lessons, columns.lessons)
        table.members = _extended(table.members, columns.members)
        table.created = _extended_times(table.created, columns.created)
        table.updated = _extended_times(table.updated, columns.updated)
        table.editors = _extended(table.editors, columns.editors)
        table.editor_names = list(columns.editor_names)
        table.editor_numbers = {name: at for at, name in enumerate(columns.editor_names)}
        table.extras = dict(columns.extras)
        table.alive.extend(b"\1" * count)
        newest = (columns.ids[-1], max(columns.created))
        instants_ascend = all(map(le, columns.created, islice(columns.created, 1, None)))
        table.now = Now(count, count, 0, newest, instants_ascend)
        return table

    def fork(self) -> "Table":
        """An independent table. O(1) but for a byte a row; its first write copies the columns.

        The columns are shared until then: this table only appends to them, behind what the fork
        reads.
        """
        self.flush()
        self.trim()
        other = Table.__new__(Table)
        for name in self.__slots__:
            value = getattr(self, name)
            own = isinstance(value, bytearray | list | dict) or name in ("tombstones", "tops")
            setattr(other, name, copy(value) if own else value)
        other.now = attrs.evolve(self.now, buffered=[])
        other._borrowed = True
        return other

    def _own(self) -> None:
        """Copies the columns if they are another table's. O(n), at the speed of copying memory."""
        if self._borrowed:
            for name in _COLUMNS:
                setattr(self, name, getattr(self, name)[: self.now.size])
            self._borrowed = False  # after the last copy: cut off before, all are copied again

    def take(self, other: "Table", rows: Sequence[int]) -> None:
        """Adds the records that `rows` of another table are. O(rows)."""
        if not rows:
            return
        start, columns = self.now.size, [picked(getattr(other, name), rows) for name in _COLUMNS]
        created, updated = ([*map(int, times)] for times in columns[3:5])
        self._file((*columns[:3], created, updated))
        for row, (source, number) in enumerate(zip(rows, columns[5], strict=True), start):
            if number:
                self._edit(row, other.editor_names[number])
            if source in other.extras:
                self.extras[row] = other.extras[source]

    def _edit(self, row: int, editor: str | None) -> None:
        number = self._editor_number(editor)
        try:
            self.editors[row] = number
        except OverflowError:
            self.editors = array("q", self.editors)
            self.editors[row] = number

    def _rows_by_id(self) -> list[int]:
        """The rows in force in order of id."""
        self.flush()
        rows = list(self.rows())
        if not self.now.rows_ascend:
            rows.sort(key=self.ids.__getitem__)
        return rows

    def memory(self) -> int:
        """About how many bytes the rows take. O(rows that were changed)."""
        columns = (getattr(self, name) for name in _COLUMNS)
        beside = (self.alive, self.tombstones, self.tops, self.strays, self.extras)
        changed = chain(self.strays.values(), self.extras.values())
        return bytes_of(chain(columns, beside, changed))

    # -- reading

    def row_of(self, id_: int) -> int | None:
        """The row in force that is the record with this id, or None. O(log n).

        Rows ascend by id until a record is changed or comes late. Such a row is a stray, known by
        its id; from the first one on, the others are found by the largest id up to each row, which
        ascends::

            ids    1 2 3 | 2 4 5       strays  {2: (3,)}
            tops           3 4 5       id 5 is where they reach 5; id 2 is a stray, or before them
        """
        self.flush()
        self.trim()
        now, ids, alive = self.now, self.ids, self.alive
        if now.rows_ascend:
            row = bisect_left(ids, id_, 0, now.size)
        else:
            for row in reversed(self.strays.get(id_, ())):
                if row < now.size and alive[row] and ids[row] == id_:
                    return row
            start = self.tops_from
            if start and id_ <= ids[start - 1]:
                row = bisect_left(ids, id_, 0, start)
            else:
                row = start + bisect_left(self._tops(), id_)
        return row if row < now.size and ids[row] == id_ and alive[row] else None

    def _tops(self) -> "array[int]":
        """The largest id up to each row from the first stray on. O(rows since it was asked for)."""
        tops, start, size = self.tops, self.tops_from, self.now.size
        if start + len(tops) < size:
            before = tops[-1] if tops else self.ids[start - 1] if start else 0
            more = accumulate(self.ids[start + len(tops) : size], max, initial=before)
            tops.extend(islice(more, 1, None))
        return tops

    def rows(self, start: int = 0) -> Iterable[int]:
        """The rows in force from `start` on, in order of arrival."""
        size = self.now.size
        if self.now.live == size:
            return range(start, size)
        return compress(range(start, size), self.alive[start:size])

    def record(self, row: int) -> CompletedLesson:
        """The record whose version `row` is."""
        return self.records((row,))[0]

    def records(self, rows: Iterable[int]) -> tuple[CompletedLesson, ...]:
        """The records whose versions `rows` are. O(rows)."""
        # A page's records cost more than finding them, so they are filled in directly.
        ids, lessons, members = self.ids, self.lessons, self.members
        created, updated, extras = self.created, self.updated, self.extras
        names, editors, new = self.editor_names, self.editors, CompletedLesson.__new__
        quick, zone, million, plain = datetime.fromtimestamp, UTC, 1_000_000, _PLAIN.copy
        records = []
        for row in rows:
            since, changed = created[row], updated[row]
            at = quick(since / million, zone) if 0 <= since < _QUICK else _at(since)
            fields = plain()
            fields["id"] = ids[row]
            fields["lesson_id"] = lessons[row]
            fields["member_id"] = members[row]
            fields["created_on"] = at
            if changed == since:
                fields["updated_on"] = at
            elif 0 <= changed < _QUICK:
                fields["updated_on"] = quick(changed / million, zone)
            else:
                fields["updated_on"] = _at(changed)
            if editors[row]:
                fields["updated_by"] = names[editors[row]]
            if extras and row in extras:
                fields |= _given(extras[row])
            record = new(CompletedLesson)
            _fill(record, fields)
            records.append(record)
        return tuple(records)

    def editor(self, row: int) -> str | None:
        """Who changed this row last by hand, or None."""
        return self.editor_names[self.editors[row]]

    def system_id(self, row: int) -> str | None:
        """The system id of the row's record."""
        extra = self.extras.get(row)
        return extra.system_id if extra else None

    def unique_number(self, row: int) -> int:
        """The unique id of the row's record as a number of 128 bits."""
        extra = self.extras.get(row) if self.extras else None
        if extra is None or extra.unique_id is None:
            return derived_unique_number("CompletedLesson", self.ids[row])
        return unique_number(extra.unique_id)

    def unique_id(self, row: int) -> str:
        """The unique id of the row's record: its own, or the derived one."""
        extra = self.extras.get(row)
        given = extra.unique_id if extra else None
        return derived_unique_id("CompletedLesson", self.ids[row]) if given is None else given


def _given(extra: Extra) -> dict[str, Any]:
    fields = extra._asdict()
    if extra.unique_id is None:
        del fields["unique_id"]  # which is derived when it is asked for
    return fields


def unique_number(unique_id: str) -> int:
    """A unique id as a number of 128 bits."""
    return int(unique_id.replace("-", ""), 16)


def picked(column: Sequence[Value], rows: Sequence[int]) -> list[Value]:
    """The values of `rows`, without a step of Python for each."""
    if len(rows) < 2:
        return [column[row] for row in rows]
    return [*itemgetter(*rows)(column)]


def _at(since_epoch: float) -> datetime:
    """The instant so many microseconds since 1970, exactly."""
    if 0 <= since_epoch < _QUICK:
        return datetime.fromtimestamp(since_epoch / 1_000_000, UTC)
    return EPOCH + timedelta(microseconds=since_epoch)


def _extra(record: CompletedLesson) -> Extra:
    return Extra(
        record.system_id,
        record.custom_fields,
        record.localization_details,
        record.to_string_text,
        given_unique_id(record),
    )


def _as_columns(rows: Sequence[Row]) -> tuple[Sequence[Any], ...]:
    """Ids, lessons, members, instants, and where any row was updated later, those instants too.

    ::

        (1, 10, 7, at)                          [1], [10], [7], [at]
        (1, 10, 7, at), (2, 10, 8, at, late)    [1, 2], [10, 10], [7, 8], [at, at], [at, late]
    """
    if len({*map(len, rows)}) > 1:
        rows = [row if len(row) == 5 else (*row, row[3]) for row in rows]
    return tuple(zip(*rows, strict=True))


def _told_by(events: CompletingAll) -> tuple[list[int], list[int], list[Any]]:
    """The lessons, members and instants of what `events` complete: fresh lists."""
    if isinstance(events, CompletingColumns):
        return events.lessons[:], events.members[:], list(events.instants)
    return (
        [event.lesson_id for event in events],
        [event.member_id for event in events],
        [event.at for event in events],
    )


def _times(instants: Iterable[Any]) -> list[Any]:
    """Microseconds since 1970, which integers are already: floats while those are exact."""
    instants = list(instants)
    if int in set(map(type, instants)):
        whole = [each if isinstance(each, int) else microseconds(each) for each in instants]
        return [*map(float, whole)] if _exact(whole) else whole
    times: list[Any] = list(map(truediv, map(sub, instants, repeat(EPOCH)), repeat(_MICROSECOND)))
    return times if _exact(times) else [microseconds(at) for at in instants]


def _exact(times: Sequence[float]) -> bool:
    return min(times) > -_EXACT and max(times) < _EXACT


def _extended(column: "array[Any]", values: Sequence[int]) -> "array[Any]":
    """`column` with `values` behind it; a wider copy where one of them does not fit."""
    size = len(column)
    try:
        column.extend(iter(values))  # an array of another type is refused, its items are not
    except OverflowError:
        del column[size:]
        column = array("q", column)
        column.extend(iter(values))
    return column


def _extended_times(column: "array[Any]", times: Sequence[float]) -> "array[Any]":
    """`column` with `times` behind it; a copy as integers where floats would not be exact."""
    if column.typecode == "d" and not _exact(times):
        column = array("q", map(int, column))
    column.extend(iter(times) if column.typecode == "d" else map(int, times))
    return column
