"""Records as JSON, straight from the columns: no record object and no dict on the way.

Records are kept for the rows that were shown last, each with the names that it was made with.
A row never changes and names do. So a record is looked over once after a name was put, and made
anew where one of its names is not that very object any more::

    kept    {row 0: (stamp 4, "Welcome", ("Ada", …), b'{"CourseLessonId":10,…}')}
    rename  stamp 5; lesson 10 is "Hello" now: not the text that row 0 was made with

At most `_KEPT` are kept, and what is written never depends on it. Pieces of a record (its lesson,
its member) are not: finding a piece costs what writing it does.

The keys and their order are those of the endpoint's ``record_dict``. They are written out again
here, since a dict for each record and ``json.dumps`` of it take 8 to 35 times as long; a property
holds both equal, byte for byte.
"""

from collections.abc import Iterable
from datetime import date
from json.encoder import encode_basestring

import attrs

from coursetrack.domain.values import compact_json, derived_unique_id
from coursetrack.listing.dimensions import NOBODY, LiveNames, Shown
from coursetrack.listing.query import Paged
from coursetrack.listing.table import NOTHING_EXTRA, Table

_KEPT = 16_384  # some 12 MB at most
_KEPT_DAYS = 4_096
_FIRST_DAY = date(1970, 1, 1).toordinal()
_MINUTES = tuple(f"{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60))
_SECONDS = tuple(f"{second:02}Z" for second in range(60))


_Kept = tuple[object, str | None, Shown, bytes]
"""A record: the stamp of the names it was looked over with, its title, its member, its JSON."""


@attrs.frozen(kw_only=True)
class JsonPage(Paged):
    """One page of an answer, each record as UTF-8 JSON in the list endpoint's names.

    Each is ``json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()``.
    """

    records: tuple[bytes, ...]
    total_items: int
    page_number: int
    page_size: int

    def __len__(self) -> int:
        """How many records are on this page."""
        return len(self.records)


class RecordTexts:
    """The JSON of one table's rows, with live names."""

    __slots__ = ("_days", "_names", "_rows", "_table")

    def __init__(self, table: Table, names: LiveNames) -> None:
        self._table = table
        self._names = names
        self._rows: dict[int, _Kept] = {}
        self._days = _Days()

    def forget(self) -> None:
        """Drops what is kept of rows: some of them are about to be other rows. O(rows kept)."""
        self._rows.clear()

    def of(self, rows: Iterable[int]) -> tuple[bytes, ...]:
        """The JSON of `rows`. O(rows)."""
        kept, stamp = self._rows.get, self._names.stamp
        written = []
        for row in rows:
            record = kept(row)
            if record is None or record[0] is not stamp:
                record = self._current(row, record)
            written.append(record[3])
        return tuple(written)

    def _current(self, row: int, kept: _Kept | None) -> _Kept:
        """A row's record with its names as they are now; kept from now on."""
        title = self._names.titles.get(self._table.lessons[row])
        shown = self._names.shown.get(self._table.members[row], NOBODY)
        if kept is not None and kept[1] is title and kept[2] is shown:
            text = kept[3]
        else:
            text = self._text(row, title, shown).encode()
        if kept is None and len(self._rows) >= _KEPT:
            self._rows.clear()
        current = self._rows[row] = self._names.stamp, title, shown, text
        return current

    def _text(self, row: int, title: str | None, shown: Shown) -> str:
        """The JSON of a row whose names are these."""
        table, (full_name, company_name, team_names) = self._table, shown
        id_, since, changed = table.ids[row], table.created[row], table.updated[row]
        created = self._shown_instant(since)
        updated = created if changed == since else self._shown_instant(changed)
        if table.editors[row] or row in table.extras:
            rest = self._touched(row)
        else:  # as an event made it: part of the one text, since a first answer is made of these
            rest = (
                f'"UniqueId":"{derived_unique_id("CompletedLesson", id_)}"'
                f',"UpdatedBy":null,"IsNew":false,"SystemId":null'
                f',"ToStringText":"CourseCompletedLesson {id_}"'
                f',"LocalizationDetails":null,"CustomFields":null}}'
            )
        return (
            f'{{"CourseLessonId":{table.lessons[row]},"CourseLessonTitle":{_text_or_null(title)}'
            f',"CourseMemberId":{table.members[row]}'
            f',"CourseMemberCoworkerFullName":{_text_or_null(full_name)}'
            f',"CourseMemberCoworkerCompanyName":{_text_or_null(company_name)}'
            f',"CourseMemberCoworkerTeamNames":{_text_or_null(team_names)}'
            f',"Id":{id_},"UpdatedOn":"{updated}","CreatedOn":"{created}",{rest}'
        )

    def _touched(self, row: int) -> str:
        """The end of a record that a hand has touched."""
        id_, extra = self._table.ids[row], self._table.extras.get(row, NOTHING_EXTRA)
        unique_id = extra.unique_id or derived_unique_id("CompletedLesson", id_)
        text = extra.to_string_text
        return (
            f'"UniqueId":"{unique_id}","UpdatedBy":{_or_null(self._table.editor(row))}'
            f',"IsNew":false,"SystemId":{_or_null(extra.system_id)}'
            f',"ToStringText":{_or_null(f"CourseCompletedLesson {id_}" if text is None else text)}'
            f',"LocalizationDetails":{_or_null(extra.localization_details)}'
            f',"CustomFields":{_or_null(extra.custom_fields)}}}'
        )

    def _shown_instant(self, since_epoch: float) -> str:
        """``YYYY-MM-DDTHH:mm:ssZ``, from microseconds since 1970."""
        day, second = divmod(int(since_epoch // 1_000_000), 86_400)
        return f"{self._days[day]}{_MINUTES[second // 60]}{_SECONDS[second % 60]}"


def _or_null(value: object) -> str:
    return "null" if value is None else compact_json(value)


def _text_or_null(text: str | None) -> str:
    # What `compact_json` does with a text, without asking first whether it is one.
    return "null" if text is None else encode_basestring(text)


class _Days(dict[int, str]):
    """Days since 1970 -> ``YYYY-MM-DDT``; made when it is asked for."""

    def __missing__(self, day: int) -> str:
        if len(self) >= _KEPT_DAYS:
            self.clear()
        text = self[day] = f"{date.fromordinal(_FIRST_DAY + day).isoformat()}T"
        return text
