"""Changes as plain values and as JSON, without the records that events made.

Nearly all changes of a bulk are one new completion each, which its row says in full. Making the
record, the change and its plain value costs ten times what is written here; a property holds both
against each other.
"""

import json
from collections.abc import Iterable, Iterator

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.evidence import Added
from coursetrack.domain.plain import Plain, plain_instant
from coursetrack.domain.rows import Edit, Row, sides
from coursetrack.domain.values import derived_unique_id

_KIND = CompletedLesson.__name__


def plain_changes(version: int, log: Iterable[Row | Edit | Added]) -> Iterator[Plain]:
    """What :meth:`Change.to_dict` gives of what `log` stands for, the first after `version`."""
    for sequence, entry in enumerate(log, version + 1):
        if isinstance(entry, Added) or len(entry) == 2:
            yield _change(sequence, entry).to_dict()
            continue
        created = updated = plain_instant(entry[3])
        if len(entry) == 5:
            updated = plain_instant(entry[4])
        after = {
            "id": entry[0],
            "lesson_id": entry[1],
            "member_id": entry[2],
            "created_on": created,
            "updated_on": updated,
            "updated_by": None,
            "system_id": None,
            "custom_fields": None,
            "localization_details": None,
            "to_string_text": None,
            "unique_id": derived_unique_id(_KIND, entry[0]),
        }
        yield {"sequence": sequence, "kind": _KIND, "before": None, "after": after}


def json_changes(version: int, log: Iterable[Row | Edit | Added]) -> Iterator[tuple[int, str]]:
    """The sequence of each, and ``json.dumps`` of its plain value."""
    for sequence, entry in enumerate(log, version + 1):
        if isinstance(entry, Added) or len(entry) == 2:
            yield sequence, json.dumps(_change(sequence, entry).to_dict())
            continue
        created = updated = plain_instant(entry[3])
        if len(entry) == 5:
            updated = plain_instant(entry[4])
        yield (
            sequence,
            f'{{"sequence": {sequence}, "kind": "{_KIND}", "before": null, "after": '
            f'{{"id": {entry[0]}, "lesson_id": {entry[1]}, "member_id": {entry[2]}, '
            f'"created_on": "{created}", "updated_on": "{updated}", "updated_by": null, '
            '"system_id": null, "custom_fields": null, "localization_details": null, '
            f'"to_string_text": null, "unique_id": "{derived_unique_id(_KIND, entry[0])}"}}}}',
        )


def _change(sequence: int, entry: Edit | Added) -> Change:
    before, after = sides(entry)
    return Change(sequence=sequence, before=before, after=after)
