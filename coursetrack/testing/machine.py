"""A state machine that drives a tracker, or whatever answers like one, beside the naive model.

In one line, in your own tests::

    def test_my_service() -> None:
        check_tracker(lambda: MyAdapter(MyService()))

or, where the service needs more care, as a class::

    class MyMachine(TrackerMachine):
        features = TrackerMachine.features - {Feature.FORKS}

        def make_tracker(self) -> MyAdapter: ...
        def make_model(self) -> Model: ...
        def restart(self, tracker: MyAdapter) -> MyAdapter: ...

    TestMyService = MyMachine.TestCase

Needs the extra ``testing``: ``pip install coursetrack[testing]``.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import attrs

from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
)
from coursetrack.domain.events import Event
from coursetrack.endpoint.handler import Endpoint
from coursetrack.endpoint.requests import Principal, Request
from coursetrack.errors import VersionConflict
from coursetrack.testing import expected, strategies
from coursetrack.testing.expected import attempt, reasons, same
from coursetrack.testing.extra import needs_hypothesis
from coursetrack.testing.model import Model
from coursetrack.testing.side_by_side import SideBySide
from coursetrack.testing.steps import SIZE, Feature, step
from coursetrack.testing.strategies import Academy

with needs_hypothesis():
    from hypothesis import settings
    from hypothesis import strategies as st
    from hypothesis.stateful import (
        initialize,
        run_state_machine_as_test,
    )
    from hypothesis.strategies import DataObject

_PLACES = st.integers(0, 7)
_DAYS = st.sampled_from([strategies.START + timedelta(days=days) for days in (0, 1, 9)])
_VIDEO = Lesson(
    id=99,
    course_id=1,
    title="Film",
    completion_type=CompletionType.VIDEO,
    video_coverage=Fraction(9, 10),
)
PATH = "/api/content/coursecompletedlessons"
ADMIN = Principal("admin@example.com", is_unrestricted_admin=True)


class TrackerMachine(SideBySide):
    """Does the same to a tracker and to the model, in any order, and compares after each step.

    Override `make_tracker` to drive your own service, `make_model` where it remembers more or fewer
    than two event ids or numbers its records in its own way, `restart` to say how it comes back
    after a stop, `before_step` and `after_step` to add checks of your own (call ``super()``),
    `features` to leave parts alone, and ``TestCase.settings`` for another size. What `make_tracker`
    returns needs the methods of :class:`~coursetrack.tracker.Tracker` that the features ask for.
    """

    @initialize(
        academy=strategies.academies(min_each=2),
        completed=st.lists(st.tuples(_PLACES, _PLACES, _DAYS), min_size=4, max_size=14),
    )
    def begin(self, academy: Academy, completed: list[tuple[int, int, datetime]]) -> None:
        """Every run starts in some academy with a video, some lessons completed already."""
        video = attrs.evolve(_VIDEO, course_id=academy.members[0].course_id)
        self.both(lambda each: each.add_all([*academy.entities, video]))
        for place, other, at in completed if Feature.BY_HAND in self.features else []:
            lesson_id = academy.lessons[place % len(academy.lessons)].id
            member_id = academy.members[other % len(academy.members)].id
            self._complete(lesson_id, member_id, at, None)
        self.after_step()

    # -- entities

    @step(Feature.ENTITIES, kind=st.sampled_from([Lesson, CourseMember, Coworker, Section, Course]))
    def add(self, data: DataObject, kind: type[Entity]) -> None:
        """Adds an entity, whose id may be taken and whose references may be missing."""
        entity = data.draw(self._some(kind, strategies.ids()), label="entity")
        self.both(lambda each: each.add(entity))

    @step(Feature.ENTITIES, kind=st.sampled_from([Lesson, Coworker, CourseMember, Section, Course]))
    def replace(self, data: DataObject, kind: type[Entity]) -> None:
        """Changes one or two fields of an entity: renames, moves, blocks, retires."""
        found = self.model.one(kind, data.draw(self.ids(kind), label="id"))
        if found is None:
            return
        drawn = data.draw(self._some(kind, st.just(found.id)), label="drawn from")
        fields = [each.name for each in attrs.fields(kind) if each.name not in ("id", "unique_id")]
        chosen = data.draw(
            st.lists(st.sampled_from(fields), min_size=1, max_size=2), label="fields"
        )
        entity = attrs.evolve(found, **{name: getattr(drawn, name) for name in chosen})
        self.both(lambda each: each.replace(entity))

    @step(Feature.ENTITIES, kind=st.sampled_from([Lesson, CourseMember, Coworker, Section, Course]))
    def remove(self, data: DataObject, kind: type[Entity]) -> None:
        """Removes an entity, which may be missing or still referred to."""
        entity = data.draw(self._some(kind, self.ids(kind)), label="entity")
        self.both(lambda each: each.remove(entity))

    # -- events

    @step(Feature.EVENTS)
    def record(self, data: DataObject) -> None:
        """Records some events, one by one."""
        event = strategies.academy_events(academy=self.academy)
        for each in data.draw(st.lists(event, min_size=1, max_size=5), label="events"):
            self._record(each)

    @step(Feature.EVENTS)
    def record_again(self, data: DataObject) -> None:
        """Records an event on a lesson that is completed: a repeat, or standing reasons."""
        completed = [(x.lesson_id, x.member_id) for x in self.model.all_of(CompletedLesson)]
        if not completed:
            return
        lesson_id, member_id = data.draw(st.sampled_from(completed), label="pair")
        if not (lesson_id and member_id):
            return
        event = data.draw(
            strategies.events(lesson_id=st.just(lesson_id), member_id=st.just(member_id)),
            label="event",
        )
        self._record(event)

    @step(Feature.EVENTS)
    def record_many(self, data: DataObject) -> None:
        """Records a stream of events: all, or none where one conflicts."""
        stream = data.draw(
            strategies.event_streams(academy=self.academy, max_size=8), label="stream"
        )
        got, wanted = self.both(lambda each: each.record_many(stream))
        if wanted.error is None:
            for name in ("completed", "repeated", "ignored", "refused"):
                same(f"tally: {name}", getattr(got.result, name), getattr(wanted.result, name))

    @step(Feature.EVENTS)
    def record_same_id(self, data: DataObject) -> None:
        """Sends an event id again: with the same body a repeat, with another one a conflict."""
        if self.sent:
            event = data.draw(st.sampled_from(list(self.sent.values())), label="event")
            moved = timedelta(days=data.draw(st.integers(0, 1), label="days later"))
            self._record(attrs.evolve(event, at=event.at + moved))

    @step(Feature.EVENTS)
    def watch(self, data: DataObject) -> None:
        """Watches some of a video, and asks how much is covered."""
        at = strategies.START + timedelta(days=9)
        videos = [
            (lesson.id, member.id)
            for lesson in self.model.all_of(Lesson)
            for member in self.model.all_of(CourseMember)
            if lesson.completion_type == CompletionType.VIDEO
            and not self.model.completed_lessons.get_pair(lesson.id, member.id)
        ]
        open_ones = [pair for pair in videos if not self.model.refusals(*pair, at)]
        if not videos:
            return
        lesson_id, member_id = data.draw(st.sampled_from(open_ones or videos), label="pair")
        who: dict[str, Any] = {"lesson_id": st.just(lesson_id), "member_id": st.just(member_id)}
        stretch = strategies.video_progresses(**who)
        some = stretch | stretch | stretch | stretch | strategies.video_finishes(**who)
        for event in data.draw(st.lists(some, min_size=2, max_size=8), label="events"):
            self._record(attrs.evolve(event, at=at, event_id=None))
        pair = {"lesson_id": lesson_id, "member_id": member_id}
        if not self.model.completed_lessons.get_pair(**pair):
            found = self.tracker.explain(**pair, at=strategies.START).video
            same("the coverage", found.coverage if found else 0, self.model.coverage(**pair))

    def _record(self, event: Event) -> None:
        if event.event_id is not None:
            self.sent[event.event_id] = event
        got, wanted = self.both(lambda each: each.record(event))
        if wanted.error is None:
            self._compare_outcomes(got.result, wanted.result)

    def _compare_outcomes(self, got: Any, wanted: Any) -> None:
        same("what was completed", got.completed, wanted.completed)
        same("the reasons", reasons(got.refused), reasons(wanted.refused))
        same("whether repeated", (got.repeated, got.ignored), (wanted.repeated, wanted.ignored))

    # -- by hand

    @step(Feature.BY_HAND, at=strategies.instants(), by=st.none() | strategies.texts())
    def complete(self, data: DataObject, at: datetime, by: str | None) -> None:
        """Creates a completion whatever the rules say."""
        lesson_id = data.draw(self.ids(Lesson), label="lesson_id")
        member_id = data.draw(self.ids(CourseMember), label="member_id")
        self._complete(lesson_id, member_id, at, by)

    def _complete(self, lesson_id: int, member_id: int, at: datetime, by: str | None) -> None:
        got, wanted = self.both(
            lambda each: each.complete(lesson_id=lesson_id, member_id=member_id, at=at, by=by)
        )
        if wanted.error is None:
            same("what was completed", got.result.completed, wanted.result.completed)

    @step(Feature.BY_HAND, at=strategies.instants(), by=st.none() | strategies.texts())
    def update_completed(self, data: DataObject, at: datetime, by: str | None) -> None:
        """Moves a completion, often to where it is."""
        id = data.draw(self.ids(CompletedLesson), label="id")
        changed = data.draw(
            st.fixed_dictionaries(
                {}, optional={"lesson_id": self.ids(Lesson), "member_id": self.ids(CourseMember)}
            ),
            label="changed",
        )
        self.both(lambda each: each.update_completed(id=id, at=at, by=by, **changed))

    @step(Feature.BY_HAND)
    def delete_completed(self, data: DataObject) -> None:
        """Deletes a completion."""
        id = data.draw(self.ids(CompletedLesson), label="id")
        self.both(lambda each: each.delete_completed(id=id))

    @step(Feature.IMPORTS)
    def import_completed(self, data: DataObject) -> None:
        """Adds a record as another system kept it: own id, instants, system id, custom fields."""
        ids = st.integers(1, 30) | st.just(self.model.next_id)
        entity = data.draw(self._some(CompletedLesson, ids), label="record")
        self.both(lambda each: each.add(entity))

    @step(Feature.IMPORTS)
    def replace_completed(self, data: DataObject) -> None:
        """Puts another record in a record's place."""
        entity = data.draw(self._some(CompletedLesson, self.ids(CompletedLesson)), label="record")
        self.both(lambda each: each.replace(entity))

    # -- questions

    @step(Feature.QUERIES)
    def find(self, data: DataObject) -> None:
        """Asks a query, and goes on asking it after each later step."""
        query = data.draw(strategies.queries(seen=self.seen()), label="query")
        self.asked = [*self.asked[-2:], query]

    @step(Feature.QUERIES)
    def find_all_pages(self, data: DataObject) -> None:
        """The pages joined together are the whole list, each row once."""
        query = data.draw(strategies.queries(seen=self.seen()), label="query")
        rows: list[CompletedLesson] = []
        page = self.tracker.completed_lessons.find(attrs.evolve(query, page=1))
        while page.records:
            rows += page.records
            query = attrs.evolve(query, page=page.page_number + 1)
            page = self.tracker.completed_lessons.find(query)
        whole = attrs.evolve(query, page=1, size=10**6)
        same("all pages", rows, list(self.model.completed_lessons.find(whole).records))

    @step(Feature.PROGRESS, at=strategies.instants())
    def look(self, data: DataObject, at: datetime) -> None:
        """Asks for a member's progress and which lessons are open to it."""
        member_id = data.draw(self.ids(CourseMember), label="member_id")
        _, wanted = self.both(lambda each: each.progress(member_id=member_id))
        if wanted.error is None:
            self._compare_member(member_id, at)

    @step(Feature.PROGRESS)
    def look_at_all(self, data: DataObject) -> None:
        """Asks for the progress of everybody in a course."""
        course_id = data.draw(st.sampled_from(self.known(Course) or [1]), label="course_id")
        if self.model.one(Course, course_id) is None:
            return
        members = [x.id for x in self.model.all_of(CourseMember) if x.course_id == course_id]
        found = {each.member_id: each for each in self.tracker.course_progress(course_id=course_id)}
        same("the members of a course", sorted(found), members)
        for member_id in members:
            self._compare_progress(found[member_id], self.model.progress(member_id=member_id))

    # -- the endpoint

    @step(Feature.ENDPOINT)
    def list_request(self, data: DataObject) -> None:
        """Asks a query through the list endpoint, in one of its spellings."""
        query = data.draw(
            strategies.queries(seen=self.seen(), text_match="contains"), label="query"
        )
        text = data.draw(strategies.spellings(query=query), label="query string")
        answer = Endpoint(self.tracker).handle(Request("GET", PATH, query=text), principal=ADMIN)
        same("the status", answer.status, 200)
        body = expected.listed(self.model, query)
        same("the list's answer", answer.body, body)
        same("the order of its keys", list(answer.body), list(body))

    @step(Feature.ENDPOINT)
    def read_request(self, data: DataObject) -> None:
        """Asks for one record and for several."""
        ids = data.draw(st.lists(self.ids(CompletedLesson), min_size=1, max_size=3), label="ids")
        found = [self.model.completed_lessons.get(id) for id in ids]
        bodies = [expected.shown(self.model, each) for each in found if each]
        endpoint = Endpoint(self.tracker)
        several = Request("GET", PATH + "/", query=f"id={ids}".replace(" ", ""))
        same("several", endpoint.handle(several, principal=ADMIN).body, bodies)
        one = endpoint.handle(Request("GET", f"{PATH}/{ids[0]}"), principal=ADMIN)
        wanted = bodies[0] if found[0] else "Not found"
        same("one", (one.status, one.body), (200 if found[0] else 404, wanted))

    @step(
        Feature.ENDPOINT,
        method=st.sampled_from(["POST", "PUT", "DELETE"]),
        principal=st.sampled_from([ADMIN, ADMIN, Principal("nobody"), None]),
        at=strategies.instants(),
    )
    def write_request(
        self, data: DataObject, method: str, principal: Principal | None, at: datetime
    ) -> None:
        """Creates, updates or deletes through the endpoint, with and without the right to."""
        id = data.draw(self.ids(CompletedLesson), label="id")
        lesson_id = data.draw(self.ids(Lesson), label="lesson_id")
        member_id = data.draw(self.ids(CourseMember), label="member_id")
        body = {"CourseLessonId": lesson_id, "CourseMemberId": member_id, "TypeName": "extra"}
        path = f"{PATH}/{id}" if method == "DELETE" else PATH
        sent = Request(method, path, body=body | {"Id": id} if method == "PUT" else body)
        answer = Endpoint(self.tracker).handle(sent, principal=principal, at=at)
        self.changes += answer.changes
        if principal is not ADMIN:
            same("the status", answer.status, 401)
            return
        pair: dict[str, Any] = {
            "lesson_id": lesson_id,
            "member_id": member_id,
            "at": at,
            "by": ADMIN.name,
        }
        wanted = attempt(
            {
                "POST": lambda: self.model.complete(**pair),
                "PUT": lambda: self.model.update_completed(id=id, **pair),
                "DELETE": lambda: self.model.delete_completed(id=id),
            }[method]
        )
        status = wanted.error.status_hint if wanted.error else 200
        same("the status", answer.status, 400 if status == 409 else status)
        if status == 200 and method != "DELETE":
            same(
                "the record",
                answer.body["Value"],
                expected.shown(self.model, wanted.result.completed),
            )

    # -- versions, restarts, forks

    @step(Feature.VERSIONS)
    def write_too_late(self, data: DataObject) -> None:
        """Writes for an older version: refused, and nothing happens."""
        entity = data.draw(strategies.courses(), label="course")
        late = attempt(lambda: self.tracker.add(entity, expect_version=self.tracker.version + 1))
        same("the error raised", late.error, VersionConflict)

    @step(Feature.RESTARTS)
    def stop_and_start(self, data: DataObject) -> None:
        """Stops and starts the service: what was known before is known again."""
        self.tracker = self.restart(self.tracker)

    @step(Feature.FORKS)
    def fork(self, data: DataObject) -> None:
        """Forks, and goes on with the fork; the one that is left behind must not notice."""
        self.other = (self.tracker, self.model, list(self.changes), self.tracker.snapshot())
        self.tracker, self.model = self.tracker.fork(), self.model.fork()

    @step(Feature.FORKS)
    def switch(self, data: DataObject) -> None:
        """Goes on with the one that was left behind."""
        if self.other:
            left = (self.tracker, self.model, self.changes, self.tracker.snapshot())
            (self.tracker, self.model, self.changes, before), self.other = self.other, left
            same("the one left behind", self.tracker.snapshot(), before)

    def teardown(self) -> None:
        """Ends a run: what a fork left behind is as it was."""
        if self.other:
            same("the one left behind", self.other[0].snapshot(), self.other[3])

    @step(Feature.REPLAY)
    def replay(self, data: DataObject) -> None:
        """Replays all changes onto an empty tracker, and goes on with that."""
        fresh = self.make_tracker()
        fresh.replay(self.changes)
        same("the replayed tracker", fresh, self.tracker)
        self.tracker = fresh

    @step(Feature.REPLAY)
    def take_back(self, data: DataObject) -> None:
        """Takes the last changes back and makes them again: nothing is different."""
        last = self.changes[-data.draw(st.integers(1, 4), label="how many") :]
        before = self.tracker.fork()
        back = [each.inverse() for each in reversed(last)]
        numbered = enumerate([*back, *last], self.tracker.version + 1)
        made = [attrs.evolve(each, sequence=sequence) for sequence, each in numbered]
        self.tracker.replay(made)
        self.changes += made
        same("the tracker after all", self.tracker, before)


TrackerMachine.TestCase.settings = SIZE


def check_tracker(
    make_tracker: Callable[[], Any],
    *,
    make_model: Callable[[], Model] = Model,
    features: frozenset[Feature] = frozenset(Feature),
    settings: settings = SIZE,
) -> None:
    """Runs the machine on what `make_tracker` makes; fails with the shortest run that differs.

    `make_model` says what is made: the usual one is of a tracker with the usual arguments.
    """

    class Machine(TrackerMachine):
        def make_tracker(self) -> Any:
            return make_tracker()

        def make_model(self) -> Model:
            return make_model()

    Machine.features = features
    run_state_machine_as_test(Machine, settings=settings)
