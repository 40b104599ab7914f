"""Records as JSON text, straight from the columns: no record object and no dict on the way.

A record's text is put together from pieces that are ready::

    {"CourseLessonId":10,"CourseLessonTitle":   "Welcome"     ,"CourseMemberId":7,
                                                the title
    "CourseMemberCoworkerFullName":"Ada",…      ,"Id":1,"UpdatedOn":"2025-01-10T08:00:00Z",…}
    what its member is shown as                 all else, which is the row's own

A row never changes, so the last piece is kept for the rows that were shown last. Names change, so
the others are looked up by the name itself: a rename needs no care. Only `_KEPT` of each are kept;
no text depends on it.

The keys and their order are those of ``record_dict`` of the endpoint. They are written out again
here because that is 8 to 35 times faster than a dict for each record and ``json.dumps`` of it; a
property holds both equal, byte for byte.
"""

from collections.abc import Iterable
from datetime import date

import attrs

from coursetrack.domain.values import compact_json, derived_unique_id
from coursetrack.listing.dimensions import NOBODY, LiveNames, Shown
from coursetrack.listing.query import Paged
from coursetrack.listing.table import NOTHING_EXTRA, Table

_KEPT = 16_384  # some 6 MB at most
_KEPT_DAYS = 4_096
_FIRST_DAY = date(1970, 1, 1).toordinal()
_MINUTES = tuple(f"{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60))
_SECONDS = tuple(f"{second:02}Z" for second in range(60))


@attrs.frozen(kw_only=True)
class JsonPage(Paged):
    """One page of an answer, each record a JSON text with the list endpoint's names.

    Each is what ``json.dumps(record, ensure_ascii=False, separators=(",", ":"))`` writes.
    """

    records: tuple[str, ...]
    total_items: int
    page_number: int
    page_size: int

    def __len__(self) -> int:
        """How many records are on this page."""
        return len(self.records)


class RecordTexts:
    """The JSON texts of one table's rows, with live names."""

    __slots__ = ("_days", "_names", "_people", "_rows", "_table", "_titles")

    def __init__(self, table: Table, names: LiveNames) -> None:
        self._table = table
        self._names = names
        self._titles = _Titles()
        self._people = _People()
        self._days = _Days()
        self._rows: dict[int, str] = {}

    def forget(self) -> None:
        """Drops what is kept of rows: some of them are about to be other rows. O(rows kept)."""
        self._rows.clear()

    def of(self, rows: Iterable[int]) -> tuple[str, ...]:
        """The texts of `rows`. O(rows)."""
        lessons, members, kept = self._table.lessons, self._table.members, self._rows
        titles, title_of = self._titles, self._names.titles.get
        people, shown_of = self._people, self._names.shown.get
        texts = []
        for row in rows:
            lesson_id, member_id = lessons[row], members[row]
            texts.append(
                f'{{"CourseLessonId":{lesson_id}'
                f',"CourseLessonTitle":{titles[title_of(lesson_id)]}'
                f',"CourseMemberId":{member_id}'
                f"{people[shown_of(member_id, NOBODY)]}"
                f"{kept.get(row) or self._own_part(row)}"
            )
        return tuple(texts)

    def _own_part(self, row: int) -> str:
        """What stands behind the names in a row's text; kept from now on."""
        table = self._table
        id_, since, changed = table.ids[row], table.created[row], table.updated[row]
        extra = table.extras.get(row, NOTHING_EXTRA)
        created = self._shown_instant(since)
        updated = created if changed == since else self._shown_instant(changed)
        editor, text = table.editor(row), extra.to_string_text
        unique_id = extra.unique_id or derived_unique_id("CompletedLesson", id_)
        shown = f'"CourseCompletedLesson {id_}"' if text is None else compact_json(text)
        part = (
            f',"Id":{id_},"UpdatedOn":"{updated}","CreatedOn":"{created}"'
            f',"UniqueId":"{unique_id}","UpdatedBy":{_or_null(editor)},"IsNew":false'
            f',"SystemId":{_or_null(extra.system_id)},"ToStringText":{shown}'
            f',"LocalizationDetails":{_or_null(extra.localization_details)}'
            f',"CustomFields":{_or_null(extra.custom_fields)}}}'
        )
        if len(self._rows) >= _KEPT:
            self._rows.clear()
        self._rows[row] = part
        return part

    def _shown_instant(self, since_epoch: float) -> str:
        """``YYYY-MM-DDTHH:mm:ssZ``, from microseconds since 1970."""
        day, second = divmod(int(since_epoch // 1_000_000), 86_400)
        return f"{self._days[day]}{_MINUTES[second // 60]}{_SECONDS[second % 60]}"


def _or_null(value: object) -> str:
    return "null" if value is None else compact_json(value)


class _Titles(dict[str | None, str]):
    """Title -> its JSON text; made when it is asked for."""

    def __missing__(self, title: str | None) -> str:
        if len(self) >= _KEPT:
            self.clear()
        text = self[title] = _or_null(title)
        return text


class _People(dict[Shown, str]):
    """What a member is shown as -> that part of a record's text; made when it is asked for."""

    def __missing__(self, shown: Shown) -> str:
        if len(self) >= _KEPT:
            self.clear()
        full_name, company_name, team_names = map(_or_null, shown)
        text = self[shown] = (
            f',"CourseMemberCoworkerFullName":{full_name}'
            f',"CourseMemberCoworkerCompanyName":{company_name}'
            f',"CourseMemberCoworkerTeamNames":{team_names}'
        )
        return text


class _Days(dict[int, str]):
    """Days since 1970 -> ``YYYY-MM-DDT``; made when it is asked for."""

    def __missing__(self, day: int) -> str:
        if len(self) >= _KEPT_DAYS:
            self.clear()
        text = self[day] = f"{date.fromordinal(_FIRST_DAY + day).isoformat()}T"
        return text
