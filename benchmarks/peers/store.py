"""coursetrack itself: its repository, asked for pages of records with their names."""

from collections.abc import Sequence

from benchmarks.peers.engine import Answer
from benchmarks.workload import Completion, Workload
from coursetrack.domain.entities import CompletedLesson
from coursetrack.domain.values import instant, microseconds
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.listing.store import Joined, Store

Asked = tuple[Page, list[Joined]]


class Coursetrack:
    """The store, and each page with the names that its records are shown with."""

    name = "coursetrack"
    takes_writes = True

    def build(self, workload: Workload) -> None:
        self._store = filled_store(workload)
        self._store.prepare()

    def prepare(self, query: CompletedLessonQuery) -> CompletedLessonQuery:
        return query

    def ask(self, prepared: CompletedLessonQuery) -> Asked:
        page = self._store.find(prepared)
        joined = self._store.joined
        return page, [joined(record) for record in page.records]

    def answer(self, asked: Asked) -> Answer:
        page, names = asked
        return page.total_items, [
            (
                record.id,
                record.lesson_id,
                shown.lesson_title or "",
                record.member_id,
                shown.full_name or "",
                shown.company_name,
                shown.team_names,
                microseconds(record.created_on),
                microseconds(record.updated_on),
            )
            for record, shown in zip(page.records, names, strict=True)
        ]

    def write(self, completion: Completion) -> None:
        put_completion(self._store, completion)

    def forget(self) -> None:
        self._store.indexes.cache.clear()

    def make_page(self, rows: Sequence[int]) -> Asked:
        """The floor of every ask: a page's records and names from ready row numbers."""
        records = self._store.table.records(rows)
        page = Page(records=records, total_items=len(rows), page_number=1, page_size=len(rows))
        return page, [self._store.joined(record) for record in records]


def store_of_names(workload: Workload) -> Store:
    """A store that knows the workload's lessons and people, without any completion."""
    store = Store()
    for lesson in workload.lessons:
        store.put_named(None, lesson)
    for coworker in workload.coworkers:
        store.put_named(None, coworker)
    for member in workload.members:
        store.put_named(None, member)
    return store


def filled_store(workload: Workload) -> Store:
    """A store that holds the workload."""
    store = store_of_names(workload)
    for completion in workload.rows():
        put_completion(store, completion)
    return store


def put_completion(store: Store, completion: Completion) -> None:
    """Adds one completion in the cheapest way that the store has for it."""
    id_, lesson_id, member_id, created, updated = completion
    if created == updated:
        store.append((id_, lesson_id, member_id, instant(created)))
    else:
        record = CompletedLesson(
            id=id_,
            lesson_id=lesson_id,
            member_id=member_id,
            created_on=instant(created),
            updated_on=instant(updated),
        )
        store.put(None, record)
