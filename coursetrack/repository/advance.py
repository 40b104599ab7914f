"""How far members are, read off the masks: many members of one course in one pass."""

from collections.abc import Iterable, Iterator

from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.progress import Progress, progress
from coursetrack.repository.ledger import Ledger
from coursetrack.repository.query import CompletedLessonQuery


def progress_of(ledger: Ledger, course_id: int, member_ids: Iterable[int]) -> Iterator[Progress]:
    """The progress of these members of one course, in this order. O(lessons) each."""
    outline, pairs = ledger.catalogue.outline(course_id), ledger.pairs
    bits = [(lesson_id, pairs.bits[lesson_id]) for lesson_id in outline.countable_ids]
    for member_id in member_ids:
        mask = pairs.done.get(member_id, 0)
        done = frozenset(lesson_id for lesson_id, bit in bits if mask & bit)
        yield progress(outline, member_id, done, last_completed(ledger, member_id))


def last_completed(ledger: Ledger, member_id: int) -> CompletedLesson | None:
    """The member's latest completion of any lesson, by `created_on`, then id. O(log n)."""
    latest = CompletedLessonQuery(member_id=member_id, order_by="CreatedOn", direction=-1, size=1)
    return next(iter(ledger.store.find(latest).records), None)
