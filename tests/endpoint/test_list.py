"""The list's parameters: every name, spelling, default, alias, limit and error."""

import pytest

from coursetrack.domain.entities import CourseMember, Coworker
from coursetrack.endpoint.vocabulary import PARAMETERS
from coursetrack.errors import InvalidValue
from coursetrack.listing.fields import ORDERS
from coursetrack.tracker import Tracker
from tests.endpoint.worlds import Caller, at, filled

ENVELOPE = [
    "Records",
    "CurrentPageSize",
    "CurrentPage",
    "CurrentOrderField",
    "CurrentSortDirection",
    "FirstItem",
    "HasNextPage",
    "HasPreviousPage",
    "LastItem",
    "PageNumber",
    "PageSize",
    "TotalItems",
    "TotalPages",
]
SPELLINGS = {
    "Id": "CourseCompletedLesson_Id",
    "CreatedOn": "CourseCompletedLesson_CreatedOn",
    "UpdatedOn": "CourseCompletedLesson_UpdatedOn",
    "UpdatedBy": "CourseCompletedLesson_UpdatedBy",
    "UniqueId": "CourseCompletedLesson_UniqueId",
    "CourseLessonId": "CourseCompletedLesson_CourseLesson",
    "CourseLessonTitle": "CourseCompletedLesson_CourseLesson_Title",
    "CourseMemberId": "CourseCompletedLesson_CourseMember",
    "CourseMemberCoworkerFullName": "CourseCompletedLesson_CourseMember_Coworker_FullName",
    "CourseMemberCoworkerCompanyName": "CourseCompletedLesson_CourseMember_Coworker_CompanyName",
    "CourseMemberCoworkerTeamNames": "CourseCompletedLesson_CourseMember_Coworker_TeamNames",
    "SystemId": "CourseCompletedLesson_SystemId",
}


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_the_defaults(caller: Caller) -> None:
    body = caller.get().body
    assert list(body) == ENVELOPE
    assert "Errors" not in body
    assert [record["Id"] for record in body.pop("Records")] == [1, 2, 3]
    assert body == {
        "CurrentPageSize": 25,
        "CurrentPage": 1,
        "CurrentOrderField": "Id",
        "CurrentSortDirection": 1,
        "FirstItem": 1,
        "HasNextPage": False,
        "HasPreviousPage": False,
        "LastItem": 3,
        "PageNumber": 1,
        "PageSize": 25,
        "TotalItems": 3,
        "TotalPages": 1,
    }


def _numbers(caller: Caller, query: str) -> tuple[object, ...]:
    body = caller.get(query).body
    names = ("FirstItem", "LastItem", "TotalItems", "TotalPages", "HasPreviousPage", "HasNextPage")
    return tuple(body[name] for name in names)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("size=2", (1, 2, 3, 2, False, True)),
        ("size=2&page=2", (3, 3, 3, 2, True, False)),
        ("size=2&page=3", (5, 4, 3, 2, True, False)),
        ("size=3", (1, 3, 3, 1, False, False)),
        ("CourseCompletedLesson_CourseLesson=999", (1, 0, 0, 0, False, False)),
        ("CourseCompletedLesson_CourseLesson=999&page=2", (26, 25, 0, 0, True, False)),
    ],
)
def test_the_page_s_numbers(caller: Caller, query: str, expected: tuple[object, ...]) -> None:
    assert _numbers(caller, query) == expected


@pytest.mark.parametrize("size", [1000, 1001, 5000, 2**63 - 1, 2**63, 10**30, "9" * 5000])
def test_a_size_above_the_maximum_is_clamped_and_echoed(caller: Caller, size: object) -> None:
    body = caller.get(f"size={size}").body
    assert (body["PageSize"], body["CurrentPageSize"]) == (1000, 1000)


def test_the_sizes_are_options() -> None:
    small = Caller(max_page_size=2, default_page_size=1)
    assert small.get().body["PageSize"] == 1
    assert small.get("size=9").body["PageSize"] == 2
    assert Caller(max_page_size=2).get().body["PageSize"] == 2


@pytest.mark.parametrize("name", ["page", "size"])
@pytest.mark.parametrize("text", ["0", "-1", "", "+1", "%2B1", "1.0", "1e1", "0x1", "1_0", " 1"])
def test_what_is_no_page_or_size(caller: Caller, name: str, text: str) -> None:
    assert caller.complaints(f"{name}={text}").keys() == {name}


def test_the_highest_page_has_a_first_item_of_64_bits(caller: Caller) -> None:
    body = Caller(max_page_size=2**31 - 1).get(f"page={2**31 - 1}&size=9999999999999").body
    assert body["PageNumber"] == body["PageSize"] == 2**31 - 1
    assert body["FirstItem"] < 2**63
    for page in (2**31, 2**63 - 1, 10**30):
        assert "from 1 to 2147483647" in caller.complaints(f"page={page}")["page"]
    with pytest.raises(InvalidValue, match="max_page_size"):
        Caller(max_page_size=2**31)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("CourseCompletedLesson_CourseLesson=10", [1, 3]),
        ("CourseCompletedLesson_CourseLesson_Title=WEL", [1, 3]),
        ("CourseCompletedLesson_CourseLesson_Title=zo%C3%8B", [2]),
        ("CourseCompletedLesson_CourseLesson_Title=zoe%CC%88", [2]),
        ("CourseCompletedLesson_CourseLesson_Title=zoe", []),
        ("CourseCompletedLesson_CourseMember=7", [1, 2]),
        ("CourseCompletedLesson_CourseMember_Coworker_FullName=ada+love", [1, 2]),
        ("CourseCompletedLesson_CourseMember_Coworker_CompanyName=engines", [1, 2]),
        ("CourseCompletedLesson_CourseMember_Coworker_TeamNames=ops", [1, 2]),
        ("CourseCompletedLesson_CourseMember_Coworker_TeamNames=Design%20,Ops", [1, 2]),
        ("CourseCompletedLesson_Id=2", [2]),
        ("id=2", [2]),
        ("CourseCompletedLesson_SystemId=sys-2", [2]),
        ("from_CourseCompletedLesson_CreatedOn=2025-01-11T08:00", [2, 3]),
        ("from_CourseCompletedLesson_CreatedOn=2025-01-11T08:00:00.250001Z", [3]),
        ("to_CourseCompletedLesson_CreatedOn=2025-01-10T08:00", [1]),
        ("to_CourseCompletedLesson_CreatedOn=2025-01-11T08:00:00", [1, 2]),
        ("to_CourseCompletedLesson_CreatedOn=2025-01-11T08:00:00.0", [1]),
        ("to_CourseCompletedLesson_CreatedOn=2025-01-11", [1, 2]),
        ("to_CourseCompletedLesson_CreatedOn=2025-01-11T13:30%2B05:30", [1, 2]),
        ("to_CourseCompletedLesson_CreatedOn=2025-01-11T08:00:00.2499999", [1]),
        ("to_CourseCompletedLesson_CreatedOn=2025-01-11t08:00:00.2500000z", [1, 2]),
        ("from_CourseCompletedLesson_CreatedOn=2025-01-11+08:00:00.2500000", [2, 3]),
        ("from_CourseCompletedLesson_CreatedOn=2025-01-11T08:00:00.250000001Z", [3]),
        ("to_CourseCompletedLesson_UpdatedOn=2025-03-01", [1, 2, 3]),
        ("to_CourseCompletedLesson_CreatedOn=2025-01-11T08:00:00.25", [1, 2]),
        ("from_CourseCompletedLesson_UpdatedOn=1970-01-01T00:00:00Z", [1, 2, 3]),
        ("from_CourseCompletedLesson_UpdatedOn=2025-03-01T10:30%2B01:00", [2]),
        ("to_CourseCompletedLesson_UpdatedOn=2025-03-01T08:30-01:00", [1, 2, 3]),
        ("CourseCompletedLesson_CreatedOn=2025-01-11T08:00:00", [2]),
        ("CourseCompletedLesson_UpdatedOn=2025-03-01T09:30:00.9", [2]),
        ("CourseCompletedLesson_CourseLesson=10&CourseCompletedLesson_CourseMember=7", [1]),
        (
            "from_CourseCompletedLesson_CreatedOn=2026-01-01"
            "&to_CourseCompletedLesson_CreatedOn=2025-01-01",
            [],
        ),
    ],
)
def test_each_filter_finds_its_records(caller: Caller, query: str, ids: list[int]) -> None:
    assert caller.ids(query) == ids
    name, equals, value = query.partition("=")
    for odd in (name.upper(), name.lower(), name.swapcase()):
        assert caller.ids(f"{odd}{equals}{value}") == ids


def test_a_record_is_found_by_its_unique_id_in_any_case(caller: Caller) -> None:
    unique_id = caller.get().body["Records"][1]["UniqueId"]
    assert caller.ids(f"uniqueid={unique_id.upper()}") == [2]
    assert caller.ids(f"CourseCompletedLesson_UniqueId={unique_id}") == [2]


def test_texts_may_have_to_match_whole() -> None:
    exact = Caller(text_match="exact")
    name = "CourseCompletedLesson_CourseLesson_Title"
    assert exact.ids(f"{name}=WELCOME") == [1, 3]
    assert exact.ids(f"{name}=Welcom") == []


@pytest.mark.parametrize(
    ("teams", "ids"),
    [
        ("Ops", [1, 2]),
        ("+DESIGN+", [1, 2]),
        ("design,ops", [1, 2]),
        ("Design+%2C+Ops", [1, 2]),
        ("Op", []),
        ("ops,design", []),
        ("+", []),
        (",", []),
    ],
)
def test_exactly_one_team_finds_the_member_and_so_does_the_whole_list(
    teams: str, ids: list[int]
) -> None:
    exact = Caller(text_match="exact")
    assert exact.ids(f"CourseCompletedLesson_CourseMember_Coworker_TeamNames={teams}") == ids


def test_where_accents_do_not_count_they_neither_filter_nor_order() -> None:
    caller = Caller(filled(Tracker(accents=False)))
    title = "CourseCompletedLesson_CourseLesson_Title"
    assert caller.ids(f"{title}=zoe") == caller.ids(f"{title}=zo%C3%A9") == [2]
    assert caller.ids(f"{title}=%CC%88") == [1, 2, 3]
    names = [(20, "F"), (21, "\u00c9b"), (22, "Ea"), (23, "ec")]
    for id_, full_name in names:
        caller.tracker.add(Coworker(id=id_, full_name=full_name))
        caller.tracker.add(
            CourseMember(id=id_, course_id=1, coworker_id=id_, created_on=at("2025-01-01"))
        )
        caller.tracker.complete(lesson_id=10, member_id=id_, at=at("2025-02-01"))
    restored = Caller(Tracker.restore(caller.tracker.snapshot()))
    for each in (caller, restored, Caller(caller.tracker.fork())):
        page = each.get("orderBy=CourseMemberCoworkerFullName&size=6").body["Records"]
        shown = [record["CourseMemberCoworkerFullName"] for record in page]
        assert shown == ["Ada Lovelace"] * 2 + ["Ea", "\u00c9b", "ec", "F"]


@pytest.mark.parametrize("each", PARAMETERS, ids=lambda each: each.name)
def test_an_empty_text_is_no_filter_and_any_other_empty_value_an_error(
    caller: Caller, each: object
) -> None:
    name, field = each.name, each.field  # type: ignore[attr-defined]
    texts = {"lesson_title", "full_name", "company_name", "team_names", "system_id"}
    if field in texts:
        assert caller.ids(f"{name}=") == caller.ids(name) == [1, 2, 3]
    else:
        assert caller.complaints(f"{name}=").keys() == {name}


@pytest.mark.parametrize("name", ORDERS)
def test_each_property_sorts_in_every_spelling(caller: Caller, name: str) -> None:
    for spelling in (name, SPELLINGS[name]):
        for odd in (spelling, spelling.upper(), spelling.lower()):
            body = caller.get(f"orderBy={odd}&size=2").body
            assert body["CurrentOrderField"] == name


def test_orders_go_by_the_key_then_by_id_with_nulls_first(caller: Caller) -> None:
    assert caller.ids("orderBy=CourseLessonTitle") == [1, 3, 2]
    assert caller.ids("orderBy=CourseLessonTitle&dir=-1") == [2, 3, 1]
    assert caller.ids("orderBy=CourseMemberCoworkerTeamNames") == [3, 1, 2]
    assert caller.ids("ORDERBY=UpdatedBy&DIR=desc") == [2, 3, 1]


def test_an_unknown_order_is_an_error_with_the_nearest_name(caller: Caller) -> None:
    assert "did you mean CreatedOn?" in caller.complaints("orderBy=CreatedOm")["orderBy"]
    assert "CourseLessonTitle" in caller.complaints("orderBy=Name")["orderBy"]


@pytest.mark.parametrize("text", ["1", "0", "asc", "ASC", "Ascending"])
def test_ascending(caller: Caller, text: str) -> None:
    body = caller.get(f"dir={text}").body
    assert (body["CurrentSortDirection"], body["Records"][0]["Id"]) == (1, 1)


@pytest.mark.parametrize("text", ["-1", "desc", "DESC", "Descending"])
def test_descending(caller: Caller, text: str) -> None:
    body = caller.get(f"dir={text}").body
    assert (body["CurrentSortDirection"], body["Records"][0]["Id"]) == (-1, 3)


@pytest.mark.parametrize("text", ["2", "-2", "up", "", "1.0", "de\u017fc", "true"])
def test_no_direction(caller: Caller, text: str) -> None:
    assert caller.complaints([("dir", text)]).keys() == {"dir"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CourseCompletedLesson_CourseLessn", "CourseCompletedLesson_CourseLesson"),
        ("courseCompletedLesson_courselesson_titel", "CourseCompletedLesson_CourseLesson_Title"),
        ("from_CourseCompletedLesson_CreateOn", "from_CourseCompletedLesson_CreatedOn"),
        ("TO_CourseCompletedLesson_UpdatedOm", "to_CourseCompletedLesson_UpdatedOn"),
        ("CourseCompletedLessonCreatedOn", "CourseCompletedLesson_CreatedOn"),
        ("CourseCompletedLesson_UpdatedBy", "CourseCompletedLesson_UpdatedOn"),
    ],
)
def test_a_mistyped_filter_is_an_error_with_the_nearest_name(
    caller: Caller, name: str, meant: str
) -> None:
    assert f"did you mean {meant}?" in caller.complaints(f"{name}=1")[name]


@pytest.mark.parametrize(
    "name", ["CourseCompletedLesson_", "from_CourseCompletedLesson_Id", "CourseCompletedLesson"]
)
def test_a_prefixed_name_of_nothing_is_an_error(caller: Caller, name: str) -> None:
    assert name in caller.complaints(f"{name}=1")


@pytest.mark.parametrize(
    "query", ["_=1", "foo=bar&foo=bar", "CourseLesson=10", "SystemId=x", "%66=1", "&&&", "?page=1"]
)
def test_what_lacks_the_prefix_is_ignored(caller: Caller, query: str) -> None:
    assert caller.ids(query) == [1, 2, 3]


def test_a_question_mark_in_front_hides_no_filter(caller: Caller) -> None:
    assert caller.ids("?CourseCompletedLesson_CourseLesson=11") == [2]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("page=1&page=1", "page"),
        ("page=1&PAGE=2", "page"),
        ("id=1&CourseCompletedLesson_Id=1", "CourseCompletedLesson_Id"),
        (
            "CourseCompletedLesson_CourseLesson=10&coursecompletedlesson_courselesson=10",
            "CourseCompletedLesson_CourseLesson",
        ),
    ],
)
def test_a_repeated_parameter_is_an_error(caller: Caller, query: str, name: str) -> None:
    assert caller.complaints(query) == {name: "is given more than once"}


def test_all_problems_are_told_at_once(caller: Caller) -> None:
    response = caller.get(
        "page=x&size=0&orderBy=Name&dir=9&CourseCompletedLesson_X=1&id=a"
        "&from_CourseCompletedLesson_CreatedOn=soon&%zz=1"
    )
    assert {each["PropertyName"] for each in response.body["Errors"]} == {
        "page",
        "size",
        "orderBy",
        "dir",
        "CourseCompletedLesson_X",
        "id",
        "from_CourseCompletedLesson_CreatedOn",
        "%zz",
    }
    told = [f"{each['PropertyName']}: {each['Message']}" for each in response.body["Errors"]]
    assert response.body["Message"] == "; ".join(told)
    assert (response.body["Status"], response.body["WasSuccessful"]) == (500, False)
    assert response.body["Value"] is None


def test_an_unencoded_plus_is_an_error_that_says_so(caller: Caller) -> None:
    name = "from_CourseCompletedLesson_CreatedOn"
    for text in ("2025-01-11T09:00+01:00", "2025-01-11T09:00:00.5+01:00"):
        assert "%2B" in caller.complaints(f"{name}={text}")[name]
    assert "%2B" not in caller.complaints(f"{name}=tomorrow")[name]
    assert caller.ids([(name, "2025-01-11T09:00+01:00")]) == [2, 3]


def test_a_query_may_be_text_bytes_or_pairs(caller: Caller) -> None:
    name = "CourseCompletedLesson_CourseLesson_Title"
    assert caller.ids(f"{name}=Zo%C3%AB") == [2]
    assert caller.ids(f"{name}=Zo\u00eb") == [2]
    assert caller.ids(f"{name}=Zo\u00eb".encode()) == [2]
    assert caller.ids([(name, "Zo\u00eb")]) == [2]
    assert caller.ids(iter([[name, "Zo\u00eb"]])) == [2]
    assert caller.ids([]) == caller.ids(b"") == [1, 2, 3]


def test_the_limits_of_the_query_are_inclusive(caller: Caller) -> None:
    assert caller.get("a=" + "x" * 8190).status == 200
    assert caller.complaints("a=" + "x" * 8191) == {
        "query": "expected at most 8192 bytes of query text"
    }
    assert caller.get("\u00eb" * 4096).status == 200
    assert "query" in caller.complaints("\u00eb" * 4097)
    assert caller.get("&".join(["a=1"] * 200)).status == 200
    assert caller.complaints("&".join(["a=1"] * 201)) == {
        "query": "expected at most 200 parameters"
    }
    assert caller.get([("a", "x" * 8190)]).status == 200
    assert "query" in caller.complaints([("a", "x" * 8191)])
    assert caller.get([("a", "1")] * 200).status == 200
    assert "query" in caller.complaints([("a", "1")] * 201)
    tight = Caller(max_query_bytes=6, max_parameters=1)
    assert tight.get("page=1").status == 200
    assert "query" in tight.complaints("page=01")
    assert "query" in tight.complaints("a&b")


@pytest.mark.parametrize(
    "options",
    [
        {"max_page_size": 0},
        {"default_page_size": -1},
        {"max_query_bytes": 1.5},
        {"max_parameters": True},
        {"text_match": "fuzzy"},
    ],
)
def test_options_out_of_range_are_a_named_error(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        Caller(**options)  # type: ignore[arg-type]
