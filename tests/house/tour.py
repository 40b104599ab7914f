"""A tour of everything that the package offers, watched for what reaches outside.

Run as a program, so that only its own work is watched. Prints as JSON which audit events were
seen, which functions of the package were entered, and which module-level values changed.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum
from fractions import Fraction
from types import CodeType, FrameType, ModuleType
from typing import Any, TypeVar

from coursetrack import (
    ORDERS,
    AllOf,
    AnyOf,
    AtLeast,
    Button,
    ButtonClick,
    Change,
    CompletedLesson,
    CompletedLessonQuery,
    CompletionType,
    Course,
    CourseMember,
    CoursetrackError,
    Coworker,
    Criterion,
    Evidence,
    Known,
    Lesson,
    PageVisit,
    ScoreAtLeast,
    Scored,
    Section,
    TimeSpent,
    TimeSpentAtLeast,
    Tracker,
    UnlockType,
    Untracked,
    VideoCoverage,
    VideoEnd,
    VideoFinish,
    VideoProgress,
    Visited,
    event_from_plain,
    rules_text,
)
from coursetrack.endpoint import (
    Endpoint,
    Principal,
    Request,
    openapi,
    page_dict,
    read_instant,
    read_query,
    write_instant,
    write_query,
)
from coursetrack.sharding import Shards
from coursetrack.testing import Call, FakeNexudus

T = TypeVar("T")

START = datetime(2025, 1, 1, 8, tzinfo=UTC)
PATH = "/api/content/coursecompletedlessons"
ADMIN = Principal(name="admin@example.com", is_unrestricted_admin=True)


HARMLESS = {
    "array.__new__": "arrays are made in memory",
    "builtins.id": "an object is told from another",
    "object.__getattr__": "the watch itself looks at frames",
}
"""Audit events that reach nothing outside, with the reason."""


def at(hours: float) -> datetime:
    """An instant some hours after the start."""
    return START + timedelta(hours=hours)


def academy() -> Tracker:
    """A course with every kind of lesson, lock and member."""
    tracker = Tracker()
    tracker.add(Course(id=1, title="Onboarding"))
    tracker.add_all(
        [
            Section(id=1, course_id=1, title="Week 1", display_order=1),
            Section(id=2, course_id=1, title="Week 2", unlock_type=UnlockType.SEQUENTIAL),
            Section(
                id=3, course_id=1, title="Later", unlock_type=UnlockType.TIMED, unlock_after_days=7
            ),
        ]
    )
    for id_, kind in enumerate(CompletionType, 1):
        tracker.add(
            Lesson(id=id_, course_id=1, title=f"Lesson {id_}", completion_type=kind, section_id=1)
        )
    tracker.add_all(
        Lesson(
            id=id_,
            course_id=1,
            section_id=id_ - 3,
            title="Zoë's film",
            unlock_type=UnlockType.SEQUENTIAL,
            completion_type=CompletionType.VIDEO,
            video_coverage=Fraction(9, 10),
        )
        for id_ in (5, 6)
    )
    everything = AllOf(
        AnyOf(VideoCoverage(0.5), TimeSpentAtLeast(60)),
        AtLeast(1, Button(), Visited(), VideoEnd(), Untracked()),
        ScoreAtLeast(0.8),
    )
    tracker.add(
        Lesson(id=7, course_id=1, title="All", section_id=1, criterion=everything, video_duration=9)
    )
    for id_ in (1, 2, 3):
        tracker.add(
            Coworker(
                id=id_, full_name=f"Ada {id_}", company_name="Engines", team_names=("Design", "Ops")
            )
        )
        tracker.add(
            CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=START, blocked=id_ == 3)
        )
    return tracker


def events() -> Iterator[Any]:
    """Some of every kind: completing, repeated, ignored and refused ones."""
    for member_id in (1, 2, 3, 9):
        yield PageVisit(member_id=member_id, lesson_id=2, at=at(1), event_id=f"visit-{member_id}")
        yield PageVisit(member_id=member_id, lesson_id=3, at=at(1))
        yield ButtonClick(member_id=member_id, lesson_id=3, at=at(2))
        yield VideoFinish(member_id=member_id, lesson_id=4, at=at(3))
        yield VideoProgress(member_id=member_id, lesson_id=5, at=at(4), start=0, end=5, duration=10)
        yield VideoProgress(member_id=member_id, lesson_id=6, at=at(4), start=0, end=5, duration=10)
    for seconds in (30, 0, 20):
        yield TimeSpent(member_id=1, lesson_id=7, at=at(5 + seconds), seconds=seconds)
    yield VideoProgress(member_id=1, lesson_id=7, at=at(4), start=2, end=1, duration=9)
    yield Scored(member_id=1, lesson_id=7, at=at(5), score=7, out_of=10)
    yield Scored(member_id=1, lesson_id=7, at=at(6), score=0.9, out_of=1)
    yield ButtonClick(member_id=1, lesson_id=7, at=at(7))
    yield VideoProgress(member_id=2, lesson_id=7, at=at(4), start=0, end=1, duration=9)
    yield VideoProgress(member_id=2, lesson_id=7, at=at(5), start=0, end=1, duration=9)
    yield PageVisit(member_id=2, lesson_id=7, at=at(7))
    yield PageVisit(member_id=2, lesson_id=7, at=at(6))
    yield PageVisit(member_id=1, lesson_id=7, at=at(6))
    yield PageVisit(member_id=1, lesson_id=2, at=at(1), event_id="visit-1")
    yield PageVisit(member_id=1, lesson_id=2, at=at(6), event_id="visit-again")


def questions() -> Iterator[CompletedLessonQuery]:
    """Queries by every filter and order."""
    for order in ORDERS:
        yield CompletedLessonQuery(order_by=order, direction=-1, size=2, page=2)
    yield CompletedLessonQuery(lesson_title="film", team_names="ops", created_from=START)
    yield CompletedLessonQuery(full_name="ada", company_name="eng", updated_to=at(9), lesson_id=2)
    yield CompletedLessonQuery(member_id=1, created_on=at(1), order_by="CourseLessonTitle")


def write_by_hand(tracker: Tracker) -> None:
    """Completions, the facts themselves, and changes as plain values."""
    outcome = tracker.complete(lesson_id=6, member_id=2, at=at(5), by="admin@example.com")
    look(outcome.require_completed())
    assert outcome.completed
    id_ = outcome.completed.id
    tracker.update_completed(id=id_, lesson_id=1, member_id=2, at=at(6), by="admin@example.com")
    tracker.delete_completed(id=id_)
    tracker.add(CompletedLesson(id=99, lesson_id=0, member_id=0, created_on=START))
    tracker.replace(Lesson(id=2, course_id=1, title="Renamed", section_id=1))
    for change in tracker.remove(Lesson(id=4, course_id=1, title="Lesson 4")).changes:
        look(Change.from_dict(change.to_dict()).inverse())


def fail(tracker: Tracker) -> None:
    """Calls that are refused, each with a named error."""
    wrong: tuple[Callable[[], object], ...] = (
        lambda: tracker.add(Course(id=1, title="Again")),
        lambda: tracker.add(Section(id=9, course_id=9, title="Nowhere")),
        lambda: tracker.remove(Course(id=1, title="Onboarding")),
        lambda: tracker.record("an event"),  # type: ignore[arg-type]
        lambda: tracker.record(PageVisit(member_id=2, lesson_id=2, at=at(9), event_id="visit-1")),
        lambda: tracker.complete(lesson_id=2, member_id=1, at=at(9)),
        lambda: tracker.complete(lesson_id=2, member_id=1, at=datetime(2025, 1, 1)),  # noqa: DTZ001
        lambda: tracker.progress(member_id=1000),
        lambda: tracker.add_all((), expect_version=1000),
        lambda: CompletedLessonQuery(order_by="CreatedOm"),
        lambda: read_instant("2025-W01"),
        lambda: read_query("CourseCompletedLesson_Titel=x&page=0"),
    )
    for call in wrong:
        try:
            call()
        except CoursetrackError as error:
            look(error)
        else:
            raise AssertionError("this should have been refused")


def requests() -> Iterator[Request]:
    """Every operation, right and wrong."""
    yield Request("GET", PATH, query="page=1&size=2&orderBy=CourseLessonTitle&dir=-1")
    yield Request("GET", PATH, query="from_CourseCompletedLesson_CreatedOn=2025-01-01T00:00")
    yield Request("GET", PATH, query="CourseCompletedLesson_CreatedOn=yesterday&page=x")
    yield Request("GET", PATH, query="id=[1,2,3]")
    yield Request("GET", f"{PATH}/1")
    yield Request("GET", f"{PATH}/1000")
    yield Request("POST", PATH, body={"CourseLessonId": 6, "CourseMemberId": 1})
    yield Request("POST", PATH, body=b'{"CourseLessonId": "six"}')
    yield Request("PUT", PATH, body={"Id": 1, "CourseLessonId": 1, "CourseMemberId": 1})
    yield Request("DELETE", f"{PATH}/1")
    yield Request("PATCH", PATH)
    yield Request("GET", "/elsewhere")


def look(value: T) -> T:
    """`value`, once its properties were read, those of all that it holds too, and its text."""
    str(value), repr(value)
    if isinstance(value, tuple | list):
        for item in value:
            look(item)
    elif type(value).__module__.startswith("coursetrack") and not isinstance(value, Enum):
        names = {name for kind in type(value).__mro__ for name in vars(kind) if name[0] != "_"}
        for name in names:
            found = getattr(value, name)
            if not callable(found):
                look(found)
    return value


def tour() -> None:
    """One walk through the package."""
    tracker = academy()
    record_events(tracker)
    write_by_hand(tracker)
    fail(tracker)
    ask(tracker)
    keep(tracker)
    serve(tracker)
    tracker.check()
    pretend(tracker)


def record_events(tracker: Tracker) -> None:
    """Events, one by one and in bulk, and what is told of them."""
    twin = tracker.fork()
    for event in events():
        look(event)
        look(tracker.refusals(event))
        outcome = look(tracker.record(event))
        look([outcome.plain_changes(), outcome.json_changes()])
        twin.replay(outcome.changes)
    look(tally := tracker.record_many(events()))
    look([tally.changes, tally.plain_changes(), tally.json_changes()])
    look(tracker.record_many(events()))
    plain = [event_from_plain(event.to_plain()).to_plain() for event in events()]
    columns = zip(*(each[:4] for each in plain if each[0] == "PageVisit"), strict=True)
    look(tracker.record_columns(*columns).changes)


def say_nothing_yet() -> None:
    """A criterion and evidence that leave out what has no answer."""
    criterion = Criterion()
    evidence = Evidence(member_id=1, lesson_id=1)
    asked: list[Callable[[], Any]] = [
        lambda: criterion.since(Known()),
        lambda: criterion.missing(Known()),
        lambda: Evidence.of(next(events())),
        lambda: evidence.merged(evidence),
    ]
    for ask_it in asked:
        with suppress(NotImplementedError):
            ask_it()


def ask(tracker: Tracker) -> None:
    """Every question."""
    say_nothing_yet()
    look(tracker.fork().settle(course_id=1, at=at(99)))
    look(tracker.fork().reset(member_id=1))
    look(tracker.fork().reset(member_id=1, lesson_id=2))
    look(rules_text())
    tracker.completed_lessons.prepare()
    tracker.completed_lessons.memory()
    for query in questions():
        page = look(tracker.completed_lessons.find(query))
        look(page_dict(page, tracker.completed_lessons.joined, order_by=query.order_by))
        look(tracker.completed_lessons.find_json(query))
        look(tracker.completed_lessons.explain(query))
        look(tracker.completed_lessons.count(query))
        look(tracker.completed_lessons.columns(query))
        look(tracker.counts(by=("lesson_id", "member_id", "course_id", "day"), query=query))
    shards = Shards([tracker])
    look(shards.find(next(questions())))
    for record in tracker.completed_lessons:
        look(tracker.completed_lessons.joined(record))
        look(tracker.completed_lessons.get(record.id))
        look(tracker.completed_lessons.get_pair(record.lesson_id, record.member_id))
    for look_up in (tracker.course, tracker.section, tracker.lesson, tracker.coworker):
        look(look_up(1))
    look([*tracker.entities(), tracker.member(1), tracker.version])
    for member_id in (1, 2, 3):
        look(tracker.progress(member_id=member_id))
        look(tracker.open_lessons(member_id=member_id, at=at(9))).refusals(6)
        for lesson_id in (2, 5, 6, 7):
            look(tracker.explain(lesson_id=lesson_id, member_id=member_id, at=at(9)))
    look(tracker.course_progress(course_id=1))
    look(tracker.course_progress(course_id=1, at=at(9)))
    for listed in (tracker.sections, tracker.lessons, tracker.members):
        look(listed(course_id=1))
    look(tracker.lint(course_id=1))
    look(
        tracker.what_if(
            add=[Lesson(id=88, course_id=1, title="New")],
            replace=[Lesson(id=3, course_id=1, title="Off", active=False)],
            at=at(9),
        )
    )
    assert tracker.fork() == tracker


def pretend(tracker: Tracker) -> None:
    """The fake, from a sign-in to a throttled call."""
    fake = FakeNexudus(tracker=tracker)
    form = b"grant_type=password&username=admin@example.com&password=password"
    look(fake.handle(Call(method="POST", path="/api/token", body=form)).json())
    fake.fail_next(409, retry_after=1)
    for path in (PATH, PATH, "/api/content/courselessons", "/api/content/coworkers"):
        look(fake.handle(Call(method="GET", path=path, headers=fake.headers())))
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": PATH, "QUERY_STRING": "size=2"}
    for name, body in (
        ("courses", b'{"Title": "Toured", "Extra": 1}'),
        ("courselessons", b'{"CourseId": 0, "SectionId": 0}'),
    ):
        path = f"/api/content/{name}"
        look(fake.handle(Call(method="POST", path=path, headers=fake.headers(), body=body)))
        query = "orderBy=Title&from_Course_UpdatedOn=2025-01-01&CourseLesson_Active=true"
        look(fake.handle(Call(method="GET", path=path, query=query, headers=fake.headers())))
    fake.expire_tokens()
    look(sorted(fake.users))
    list(fake.wsgi(environ, lambda status, headers: None))
    with suppress(StopIteration):
        scope = {"type": "http", "method": "GET", "path": PATH, "query_string": b"", "headers": []}
        fake.asgi(scope, _received, _sent).send(None)  # type: ignore[attr-defined]
    look(fake.log)


async def _received() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _sent(message: Any) -> None:
    look(message)


def keep(tracker: Tracker) -> None:
    """What a host keeps, and how it starts again."""
    snapshot = json.loads(json.dumps(tracker.snapshot()))
    outcome = tracker.add(Course(id=77, title="Late"))
    look(outcome)
    assert Tracker.restore(snapshot, outcome.changes) == tracker
    restored = Tracker.restore(snapshot)
    restored.replay(outcome.changes)
    assert restored == tracker


def serve(tracker: Tracker) -> None:
    """The endpoint and what lies around it."""
    endpoint = Endpoint(tracker)
    for request in requests():
        for principal in (None, Principal(name="nobody"), ADMIN):
            json.dumps(look(endpoint.handle(request, principal=principal, at=at(24))).body)
    json.dumps(openapi())
    for query in questions():
        assert read_query(write_query(query)) == query
    assert read_instant(write_instant(START)) == START


def package() -> dict[str, ModuleType]:
    """The package's modules that are loaded."""
    return {name: each for name, each in sys.modules.items() if name.startswith("coursetrack")}


def state() -> dict[str, str]:
    """What every module and class holds that is neither code nor a module, as text."""
    return {
        f"{module}.{owner}.{name}": repr(value)
        for module, loaded in package().items()
        for owner, holder in [("", loaded), *vars(loaded).items()]
        if holder is loaded or (isinstance(holder, type) and holder.__module__ == module)
        for name, value in list(vars(holder).items())
        if not name.startswith("__") and not callable(value) and not isinstance(value, ModuleType)
    }


def reaches_outside(called: object) -> str | None:
    """The name of a built-in function that reads a clock, starts a thread, throws dice or asks
    the operating system, none of which an audit hook is told; None for all others."""
    name = getattr(called, "__qualname__", "")
    module = (
        getattr(called, "__module__", None) or type(getattr(called, "__self__", None)).__module__
    )
    if module in ("time", "posix", "nt", "random") or name in (
        "start_new_thread",
        "start_joinable_thread",
        "datetime.now",
        "datetime.utcnow",
        "date.today",
    ):
        return f"{module}.{name}"
    return None


def watched(walk: Callable[[], None]) -> dict[str, list[str]]:
    """What `walk` does to the world, which functions it enters, and what it leaves changed."""
    codes: set[CodeType] = set()
    seen: set[str] = set()
    watching = False

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event not in HARMLESS:
            seen.add(f"{event}{arguments!r:.80}")

    def profile(frame: FrameType, event: str, called: object) -> None:
        if event == "call":
            codes.add(frame.f_code)
        elif event == "c_call" and (outside := reaches_outside(called)):
            seen.add(outside)

    before = state()
    sys.addaudithook(hook)
    sys.setprofile(profile)
    watching = True
    try:
        walk()
    finally:
        watching = False
        sys.setprofile(None)
    after = state()
    files = {getattr(each, "__file__", None): name for name, each in package().items()}
    return {
        "events": sorted(seen),
        "entered": sorted(
            f"{files[code.co_filename]}.{code.co_qualname}"
            for code in codes
            if code.co_filename in files
        ),
        "changed": sorted(name for name in before if before[name] != after.get(name)),
    }


if __name__ == "__main__":
    json.dump(watched(tour), sys.stdout)
