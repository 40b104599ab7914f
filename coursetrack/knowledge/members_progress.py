"""How far members are: many members of one course in one pass."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from coursetrack.domain.progress import Progress, progress
from coursetrack.knowledge.state import State


def progress_of(
    state: State, course_id: int, member_ids: Iterable[int], at: datetime | None = None
) -> Iterator[Progress]:
    """The progress of these members of one course, in this order; with `at`, as of that instant.

    O(lessons) each, and O(their completions) for those who have finished or with `at`.
    """
    outline, pairs = state.entity_tables.outline(course_id), state.completions
    bits = [(lesson_id, pairs.bits[lesson_id]) for lesson_id in outline.countable_ids]
    all_bits = pairs.mask(outline.countable_ids)
    for member_id in member_ids:
        mask = pairs.done(member_id)
        if at is None and mask & all_bits != all_bits:
            # What progress() says of one who has not finished, read off the mask: making the
            # records of all members would cost more than the rest.
            yield Progress(
                member_id=member_id,
                countable_lesson_ids=outline.countable_ids,
                completed_lesson_ids=tuple(lesson_id for lesson_id, bit in bits if mask & bit),
                last_completed=state.store.latest_of_member(member_id),
            )
            continue
        records = state.store.of_member(member_id)
        by_then = (record for record in records if at is None or record.created_on <= at)
        yield progress(outline, member_id, by_then)
