"""What a call did, in order, before anybody asks for it as changes: rows and edits."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import CompletedLesson, given_unique_id
from coursetrack.domain.evidence import Added
from coursetrack.domain.facts import Fact
from coursetrack.domain.values import as_iterable
from coursetrack.errors import InvalidValue, SequenceGap, SequenceRepeat

Row = tuple[int, int, int, datetime] | tuple[int, int, int, datetime, datetime]
"""A completion made by an event: its id, lesson id, member id and instant (UTC).

And when it was updated, where that may be another instant.
"""

Edit = tuple[Fact | None, Fact | None]
"""A fact before and after, not yet numbered."""


Log = Sequence[Row | Edit | Added]
"""What a call did, in order."""


def record_of(row: Row) -> CompletedLesson:
    """The completed lesson that `row` stands for."""
    return CompletedLesson(
        id=row[0],
        lesson_id=row[1],
        member_id=row[2],
        created_on=row[3],
        updated_on=row[4] if len(row) == 5 else row[3],
    )


def row_of(record: CompletedLesson) -> Row | None:
    """The row that stands for `record`; None where no event could have made it as it is."""
    as_made = (
        record.lesson_id
        and record.member_id
        and record.updated_by is None
        and record.system_id is None
        and record.custom_fields is None
        and record.localization_details is None
        and record.to_string_text is None
        and given_unique_id(record) is None
    )
    if not as_made:
        return None
    row = record.id, record.lesson_id, record.member_id, record.created_on
    return row if record.updated_on == record.created_on else (*row, record.updated_on)


def numbered(version: int, log: Log) -> tuple[Change, ...]:
    """The changes that `log` stands for, the first one right after `version`. O(n)."""
    return tuple(
        _change(sequence, *sides(entry)) for sequence, entry in enumerate(log, version + 1)
    )


def in_sequence(changes: Iterable[Change], version: int) -> Iterator[Edit]:
    """What `changes` do, if they follow `version` one by one; SequenceGap or SequenceRepeat."""
    for expected, change in enumerate(as_iterable("changes", changes), version + 1):
        if not isinstance(change, Change):
            raise InvalidValue.of("changes", change, "a Change")
        if change.sequence != expected:
            error = SequenceGap if change.sequence > expected else SequenceRepeat
            raise error(
                f"expected the change with sequence {expected}, got {change.sequence}",
                value=change,
            )
        yield change.before, change.after


def _change(sequence: int, before: Fact | None, after: Fact | None) -> Change:
    return Change(sequence=sequence, before=before, after=after)


def sides(entry: Row | Edit | Added) -> Edit:
    """The fact before and after that an entry stands for."""
    if isinstance(entry, Added):
        return entry.edit()
    return entry if len(entry) == 2 else (None, record_of(entry))
