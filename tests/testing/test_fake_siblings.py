"""The fake's other lists: one language, six operations, and nothing lost in silence."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.domain.entities import Course, CourseMember, Coworker, Lesson, Section
from coursetrack.domain.events import PageVisit
from coursetrack.endpoint.requests import Principal
from coursetrack.endpoint.routes import PATH
from coursetrack.testing import Answer, Call, FakeNexudus
from coursetrack.testing.fake.fake import USERS
from coursetrack.testing.fake.fields import SIBLINGS, Sibling
from coursetrack.testing.fake.kinds import INSTANT
from coursetrack.tracker import Tracker

COURSES, SECTIONS, LESSONS, MEMBERS, COWORKERS = SIBLINGS
ENROLLED = datetime(2025, 2, 1, 8, 30, 15, tzinfo=UTC)
RECORDS = (
    Course(id=1, title="Onboarding"),
    Course(id=2, title="Élan", active=False),
    Section(id=5, course_id=1, title="Week 1", display_order=3),
    Section(id=6, course_id=2, title="Week 2"),
    Lesson(id=10, course_id=1, section_id=5, title="Welcome", display_order=1),
    Lesson(id=11, course_id=1, title="Tools", display_order=2),
    Lesson(id=12, course_id=2, title="Tools", active=False),
    Coworker(id=1006, full_name="Ada Lovelace", company_name="Engines", team_names=("Ops", "A")),
    Coworker(id=1007, full_name="Charles Babbage"),
    CourseMember(id=7, course_id=1, coworker_id=1006, created_on=ENROLLED),
    CourseMember(
        id=8, course_id=2, coworker_id=1007, created_on=ENROLLED + timedelta(days=1), blocked=True
    ),
)


@pytest.fixture
def fake() -> FakeNexudus:
    return FakeNexudus(RECORDS)


def ask(fake: FakeNexudus, method: str, path: str, body: Any = None, query: str = "") -> Answer:
    text = b"" if body is None else json.dumps(body).encode()
    return fake.handle(
        Call(method=method, path=path, query=query, headers=fake.headers(), body=text)
    )


def ids(fake: FakeNexudus, path: str, query: str) -> list[int]:
    answer = ask(fake, "GET", path, query=query)
    assert answer.status == 200, answer.json()
    return [record["Id"] for record in answer.json()["Records"]]


# -- the language


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        (COWORKERS, "Coworker_Id=1007&size=1", [1007]),
        (COWORKERS, "id=1007", [1007]),
        (COWORKERS, "Coworker_FullName=LOVE", [1006]),
        (COWORKERS, "Coworker_TeamNames=ops%2CA", [1006]),
        (COWORKERS, "Coworker_CompanyName=x", []),
        (COWORKERS, "from_Coworker_UpdatedOn=2030-01-01", []),
        (COWORKERS, "to_Coworker_UpdatedOn=2030-01-01", [1006, 1007]),
        (COWORKERS, "orderBy=FullName&dir=-1", [1007, 1006]),
        (COWORKERS, "orderBy=CompanyName", [1007, 1006]),
        (COWORKERS, "orderBy=Coworker_CompanyName&dir=desc", [1006, 1007]),
        (COURSES, "Course_Title=e%CC%81lan", [2]),
        (COURSES, "course_active=TRUE", [1]),
        (COURSES, "orderBy=Title", [2, 1]),
        (COURSES, "Course_Title=elan", []),
        (COURSES, "somethingElse=1&page=2&size=1", [2]),
        (SECTIONS, "CourseSection_Course=2", [6]),
        (SECTIONS, "CourseSection_Course_Title=board", [5]),
        (LESSONS, "CourseLesson_Course=1", [10, 11]),
        (LESSONS, "CourseLesson_Section=5", [10]),
        (LESSONS, "CourseLesson_Section_DisplayOrder=3", [10]),
        (LESSONS, "CourseLesson_Title=tools&CourseLesson_Active=true", [11]),
        (LESSONS, "orderBy=Title&dir=-1", [10, 12, 11]),
        (MEMBERS, "CourseMember_Course=1", [7]),
        (MEMBERS, "CourseMember_Coworker=1007", [8]),
        (MEMBERS, "CourseMember_Coworker_FullName=ada", [7]),
        (MEMBERS, "CourseMember_Blocked=true", [8]),
        (MEMBERS, "CourseMember_CreatedOn=2025-02-01T08:30:15", [7]),
        (MEMBERS, "from_CourseMember_CreatedOn=2025-02-01T08:30:16", [8]),
        (MEMBERS, "to_CourseMember_CreatedOn=2025-02-01T08:30:16Z", [7]),
        (MEMBERS, "orderBy=CreatedOn&dir=-1", [8, 7]),
    ],
)
def test_a_filter_finds_what_it_says(
    fake: FakeNexudus, path: str, query: str, found: list[int]
) -> None:
    assert ids(fake, path, query) == found


@pytest.mark.parametrize(
    ("path", "query", "name", "says"),
    [
        (COWORKERS, "Coworker_FulName=x", "Coworker_FulName", "Coworker_FullName"),
        (COWORKERS, "from_Coworker_UpdatdOn=2025-01-01", "from_Coworker_UpdatdOn", "did you mean"),
        (COWORKERS, "Coworker_Active=yes", "Coworker_Active", "true or false"),
        (COWORKERS, "Coworker_Id=x", "Coworker_Id", "an id"),
        (COWORKERS, "id=1&Coworker_Id=2", "Coworker_Id", "more than once"),
        (LESSONS, "orderBy=Titel", "orderBy", "did you mean Title?"),
        (LESSONS, "CourseLesson_DisplayOrder=1.5", "CourseLesson_DisplayOrder", "whole number"),
        (LESSONS, "page=0", "page", "from 1"),
        (LESSONS, "dir=2", "dir", "ascending"),
        (MEMBERS, "CourseMember_CreatedOn=x", "CourseMember_CreatedOn", "date"),
        (MEMBERS, "id=[1,x]", "id", "an id"),
        (MEMBERS, "id=[7]&CourseMember_Course=1", "CourseMember_Course", "list of ids"),
    ],
)
def test_what_cannot_be_read_is_told_and_never_ignored(
    fake: FakeNexudus, path: str, query: str, name: str, says: str
) -> None:
    answer = ask(fake, "GET", path, query=query)
    assert answer.status == 400
    (problem,) = answer.json()["Errors"]
    assert problem["PropertyName"].lower() == name.lower()
    assert says in problem["Message"]


@pytest.mark.parametrize("sibling", SIBLINGS.values(), ids=lambda each: each.entity)
def test_every_property_shown_is_a_filter_and_an_order(fake: FakeNexudus, sibling: Sibling) -> None:
    """Each record is found by each scalar value that it shows, and every order holds all."""
    everything = ids(fake, sibling.path, "")
    for record in ask(fake, "GET", sibling.path).json()["Records"]:
        for field in sibling.fields:
            text = record[field.name]
            if text is None:
                continue
            wanted = json.dumps(text) if isinstance(text, bool) else text
            call = {f"{sibling.entity}_{field.spelling}": str(wanted)}
            query = "&".join(f"{name}={value}" for name, value in call.items())
            found = ids(fake, sibling.path, query.replace(" ", "%20"))
            assert record["Id"] in found, (field.name, text)
    for field in sibling.fields:
        up = ids(fake, sibling.path, f"orderBy={field.name}")
        assert ids(fake, sibling.path, f"orderBy={field.name}&dir=-1") == up[::-1]
        assert sorted(up) == everything


@given(data=st.data(), sizes=st.integers(1, 4))
def test_pages_joined_are_the_whole_list(data: st.DataObject, sizes: int) -> None:
    fake = FakeNexudus(RECORDS)
    sibling = data.draw(st.sampled_from(list(SIBLINGS.values())))
    order = data.draw(st.sampled_from([each.name for each in sibling.fields]))
    query = f"orderBy={order}&size={sizes}"
    joined, page, more = [], 1, True
    while more:
        body = ask(fake, "GET", sibling.path, query=f"{query}&page={page}").json()
        assert (body["CurrentOrderField"], body["TotalItems"]) == (
            order,
            len(ids(fake, sibling.path, "")),
        )
        joined += [record["Id"] for record in body["Records"]]
        page, more = page + 1, body["HasNextPage"]
    assert joined == ids(fake, sibling.path, f"orderBy={order}")


def test_several_come_in_the_order_asked_with_and_without_the_slash(fake: FakeNexudus) -> None:
    for path in (LESSONS, f"{LESSONS}/", LESSONS.upper(), "/API/Content/CourseLessons/"):
        answer = ask(fake, "GET", path, query="id=[12,99,10]")
        assert [record["Id"] for record in answer.json()] == [12, 10]


def test_one_is_got_and_a_missing_one_is_not_found(fake: FakeNexudus) -> None:
    record = ask(fake, "GET", f"{LESSONS}/10").json()
    assert (record["SectionId"], record["SectionTitle"], record["CourseTitle"]) == (
        5,
        "Week 1",
        "Onboarding",
    )
    assert record == ask(fake, "GET", LESSONS, query="id=10").json()["Records"][0]
    for method in ("GET", "DELETE"):
        answer = ask(fake, method, f"{LESSONS}/99")
        assert (answer.status, answer.json()) == (404, "Not found")
    assert ask(fake, "PUT", LESSONS, {"Id": 99, "Title": "x"}).status == 404


def test_names_are_joined_live_and_progress_is_the_tracker_s(fake: FakeNexudus) -> None:
    fake.tracker.replace(Coworker(id=1006, full_name="Ada King"))
    fake.tracker.record(PageVisit(member_id=7, lesson_id=11, at=ENROLLED))
    record = ask(fake, "GET", f"{MEMBERS}/7").json()
    assert record["CoworkerFullName"] == "Ada King"
    assert (record["LastCompletedLessonId"], record["LastCompletedLessonTitle"]) == (11, "Tools")


# -- writing


def test_sections_are_kept_and_a_section_of_another_course_is_refused(fake: FakeNexudus) -> None:
    made = {"CourseId": 1, "SectionId": 5, "Title": "New"}
    value = ask(fake, "POST", LESSONS, made).json()["Value"]
    assert (value["Id"], value["SectionId"]) == (13, 5)
    assert fake.tracker.lesson(13).section_id == 5
    for body, name in (
        ({**made, "SectionId": 6}, "SectionId"),
        ({**made, "SectionId": 99}, "SectionId"),
        ({**made, "CourseId": 99, "SectionId": None}, "CourseId"),
    ):
        answer = ask(fake, "POST", LESSONS, body)
        assert answer.status == 400
        assert [each["PropertyName"] for each in answer.json()["Errors"]] == [name]
    moved = ask(fake, "PUT", LESSONS, {"Id": 13, "SectionId": None}).json()["Value"]
    assert (moved["SectionId"], moved["Title"]) == (None, "New")


def test_a_partial_body_changes_what_it_names(fake: FakeNexudus) -> None:
    before = ask(fake, "GET", f"{MEMBERS}/7").json()
    value = ask(fake, "PUT", MEMBERS, {"id": 7, "blocked": True}).json()["Value"]
    changed = {name for name in before if before[name] != value[name]}
    assert changed == {"Blocked", "UpdatedOn", "UpdatedBy"}
    assert fake.tracker.member(7).blocked
    assert value["UpdatedBy"] == "admin@example.com"
    assert value["CreatedOn"] == before["CreatedOn"] == "2025-02-01T08:30:15Z"


def test_a_whole_record_can_be_sent_back(fake: FakeNexudus) -> None:
    for sibling in SIBLINGS.values():
        for record in ask(fake, "GET", sibling.path).json()["Records"]:
            answer = ask(fake, "PUT", sibling.path, record)
            assert answer.status == 200, answer.json()
            stamps = {"UpdatedOn", "UpdatedBy"}
            value = answer.json()["Value"]
            assert {n for n in record if record[n] != value[n]} <= stamps
    assert sorted(fake.tracker.entities(), key=repr) == sorted(RECORDS, key=repr)


def test_what_the_tracker_has_no_place_for_is_kept_and_found(fake: FakeNexudus) -> None:
    body = {
        "FullName": "Grace Hopper",
        "Email": "grace@example.com",
        "TeamIds": [1, 2],
        "TariffId": 9,
        "Custom1": "blue",
        "TypeName": "Coworker",
        "_ignored": 1,
    }
    made = ask(fake, "POST", COWORKERS, body).json()["Value"]
    assert made["Id"] == 1008
    shown = {name: made[name] for name in body if not name.startswith(("_", "Type"))}
    assert shown == {n: v for n, v in body.items() if n in shown}
    assert {"TypeName", "_ignored"}.isdisjoint(made)
    for query in (
        "Coworker_Email=GRACE%40",
        "Coworker_Tariff=9",
        "Coworker_Custom1=Blue",
        "orderBy=Custom1&dir=-1&size=1",
    ):
        assert ids(fake, COWORKERS, query) == [1008]
    assert ask(fake, "GET", f"{COWORKERS}/1006").json()["Email"] is None
    ask(fake, "PUT", COWORKERS, {"Id": 1008, "Email": None})
    assert ask(fake, "GET", f"{COWORKERS}/1008").json()["Email"] is None


def test_all_problems_come_at_once_and_nothing_changes(fake: FakeNexudus) -> None:
    version = fake.tracker.version
    body = {
        "CourseId": 99,
        "SectionId": "5",
        "Active": 1,
        "UnlockType": 9,
        "UnlockAfterDays": -1,
        "Title": None,
        "SummaryText": 5,
    }
    answer = ask(fake, "POST", LESSONS, body)
    names = {each["PropertyName"] for each in answer.json()["Errors"]}
    assert (answer.status, names) == (400, set(body))
    assert {"Id"} == {
        each["PropertyName"] for each in ask(fake, "PUT", LESSONS, {}).json()["Errors"]
    }
    assert ask(fake, "PUT", LESSONS, {"Id": 10, "Title": None}).status == 400
    assert fake.tracker.version == version


def test_a_delete_asks_whether_others_refer_to_it(fake: FakeNexudus) -> None:
    assert ask(fake, "DELETE", f"{COURSES}/1").status == 409
    assert ask(fake, "DELETE", f"{LESSONS}/12").json()["WasSuccessful"] is True
    assert ids(fake, LESSONS, "") == [10, 11]
    made = ask(fake, "POST", LESSONS, {"CourseId": 1, "Title": "x"}).json()["Value"]
    assert made["Id"] == 13  # an id is never used twice


def test_a_change_behind_the_fake_s_back_is_an_update(fake: FakeNexudus) -> None:
    since = "from_CourseLesson_UpdatedOn=2025-01-01T00:00:01"
    assert ids(fake, LESSONS, since) == []
    fake.tracker.replace(Lesson(id=11, course_id=1, title="Tools, renamed"))
    assert ids(fake, LESSONS, since) == [11]
    fake.tracker.add(Lesson(id=20, course_id=1, title="Late"))
    assert ids(fake, LESSONS, since) == [11, 20]
    fake.tracker.remove(fake.tracker.lesson(20))
    assert ids(fake, LESSONS, since) == [11]


def test_roles_are_those_of_each_list() -> None:
    reader = Principal("reader", roles={"CourseLesson-List"})
    fake = FakeNexudus(RECORDS, users={**USERS, "reader": ("secret", reader)})

    def status(method: str, path: str, query: str = "") -> int:
        call = Call(method=method, path=path, query=query, headers=fake.headers("reader"))
        return fake.handle(call).status

    assert status("GET", LESSONS) == 200
    assert status("GET", LESSONS, "id=[10]") == 401  # that one needs CourseLesson-Read
    assert status("GET", f"{LESSONS}/10") == 401
    assert status("GET", COURSES) == 401
    assert status("DELETE", f"{LESSONS}/10") == 401
    nobody = fake.handle(Call(method="GET", path=LESSONS))
    assert (nobody.status, nobody.json()["Reason"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "path",
    [
        "/api/content/courselessons/runcommand/1",
        "/api/content/events",
        "/api/content/coursecompletedlessons/1/2",
        "/api",
    ],
)
def test_what_is_not_imitated_says_so(fake: FakeNexudus, path: str) -> None:
    answer = ask(fake, "GET", path)
    assert (answer.status, answer.json()["Reason"]) == (404, "not_imitated_by_the_fake")
    assert "FakeNexudus" in answer.json()["Message"]


def test_every_row_has_its_own_name_and_spelling() -> None:
    for sibling in SIBLINGS.values():
        for names in ([x.name for x in sibling.fields], [x.spelling for x in sibling.fields]):
            assert len({name.lower() for name in names}) == len(names)
        times = [x.name for x in sibling.fields if x.kind is INSTANT]
        assert times == ["UpdatedOn", "CreatedOn"]


def test_accents_count_or_not_as_in_the_main_list() -> None:
    """One engine for all lists: what the tracker says of accents holds for each of them."""
    names = ("Zoë", "Zoe", "Ángel", "Bea")
    records = [Coworker(id=id_, full_name=name) for id_, name in enumerate(names, 1)]
    members = [
        CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=ENROLLED)
        for id_ in range(1, 5)
    ]
    course = Course(id=1, title="Élan")
    lesson = Lesson(id=10, course_id=1, title="Welcome")
    ordered = {True: [3, 4, 2, 1], False: [3, 4, 1, 2]}
    for accents in (True, False):
        fake = FakeNexudus([course, lesson, *records, *members], tracker=Tracker(accents=accents))
        fake.tracker.record_many(
            PageVisit(member_id=x.id, lesson_id=10, at=ENROLLED) for x in members
        )
        assert ids(fake, COWORKERS, "Coworker_FullName=zoe") == ([2] if accents else [1, 2])
        assert ids(fake, COURSES, "Course_Title=elan") == ([] if accents else [1])
        # Nothing but an accent: where those do not count, no filter.
        accent = "FullName=%CC%81"
        mine = ids(fake, COWORKERS, f"Coworker_{accent}")
        assert mine == ids(fake, PATH, f"CourseCompletedLesson_CourseMember_Coworker_{accent}")
        assert len(mine) == (1 if accents else 4)
        for path, prefix in ((COWORKERS, ""), (PATH, "CourseMemberCoworker")):
            assert ids(fake, path, f"orderBy={prefix}FullName") == ordered[accents]
