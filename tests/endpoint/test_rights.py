"""The decision table, and that a refusal tells nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursetrack.endpoint import Principal, Reason
from coursetrack.endpoint.rights import Operation, may
from coursetrack.tracker import Tracker
from tests.endpoint.worlds import PATH, Caller, filled, state_of

# operation: role, how it is asked for
REQUESTS: dict[Operation, tuple[str, dict[str, Any]]] = {
    Operation.LIST: ("CourseCompletedLesson-List", {"method": "GET"}),
    Operation.GET_ONE: ("CourseCompletedLesson-Read", {"method": "GET", "path": f"{PATH}/1"}),
    Operation.GET_SEVERAL: ("CourseCompletedLesson-Read", {"method": "GET", "query": "id=[1,2]"}),
    Operation.CREATE: (
        "CourseCompletedLesson-Create",
        {"method": "POST", "body": {"CourseLessonId": 12, "CourseMemberId": 8}},
    ),
    Operation.UPDATE: (
        "CourseCompletedLesson-Edit",
        {"method": "PUT", "body": {"Id": 1, "CourseLessonId": 12, "CourseMemberId": 8}},
    ),
    Operation.DELETE: ("CourseCompletedLesson-Delete", {"method": "DELETE", "path": f"{PATH}/1"}),
}
ROLES = sorted({role for role, _ in REQUESTS.values()})


def _principal(*roles: str, admin: Any = False) -> Principal:
    return Principal(name="someone", is_unrestricted_admin=admin, roles=frozenset(roles))


def _table() -> list[Any]:
    rows = []
    for operation, (role, _) in REQUESTS.items():
        others = [each for each in ROLES if each != role]
        callers = {
            "nobody": (None, Reason.UNAUTHENTICATED),
            "no role": (_principal(), Reason.MISSING_ROLE),
            "every other role": (_principal(*others), Reason.MISSING_ROLE),
            "almost the role": (_principal(f"{role}s", f" {role}"), Reason.MISSING_ROLE),
            "a letter that folds to it": (
                _principal(role.replace("s", "\u017f")),
                Reason.MISSING_ROLE,
            ),
            "the role": (_principal(role), None),
            "the role among others": (_principal("Course-List", role), None),
            "the role in capitals": (_principal(role.upper()), None),
            "the role in small letters": (_principal(role.lower()), None),
            "an administrator": (_principal(admin=True), None),
            "an administrator in name only": (_principal(admin="False"), Reason.MISSING_ROLE),
            "no collection of roles": (
                Principal("x", roles=None),  # type: ignore[arg-type]
                Reason.MISSING_ROLE,
            ),
            "roles that are no texts": (
                Principal("x", roles=(1, None, b"x")),  # type: ignore[arg-type]
                Reason.MISSING_ROLE,
            ),
        }
        for who, (principal, reason) in callers.items():
            rows.append(pytest.param(operation, principal, reason, id=f"{operation}-{who}"))
    return rows


@pytest.mark.parametrize(("operation", "principal", "reason"), _table())
def test_the_decision_table(
    operation: Operation, principal: Principal | None, reason: Reason | None
) -> None:
    caller = Caller(principal=principal)
    before = state_of(caller.tracker)
    response = caller.ask(**REQUESTS[operation][1])
    assert response.reason == reason
    assert response.status == (200 if reason is None else 401)
    assert may(principal, operation) is (reason is None)
    if reason is not None:
        assert response.body["Reason"] == reason
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        assert state_of(caller.tracker) == before


def test_the_two_refusals_are_told_apart_by_machines() -> None:
    nobody = Caller(principal=None).get()
    without = Caller(principal=_principal()).get()
    assert nobody.headers["WWW-Authenticate"] != without.headers["WWW-Authenticate"]
    assert "insufficient_scope" in without.headers["WWW-Authenticate"]
    assert {nobody.body["Reason"], without.body["Reason"]} == {"unauthenticated", "missing_role"}


@pytest.mark.parametrize("principal", ["admin", 1, object(), {"is_unrestricted_admin": True}])
def test_what_is_no_principal_is_nobody(principal: object) -> None:
    assert Caller(principal=principal).get().reason is Reason.UNAUTHENTICATED


@pytest.mark.parametrize("query", ["id=[1]", "ID=%5B1%5D", "iD=+[1]", "id=[", "x=1&id=[1]&id=2"])
def test_a_bracketed_id_needs_read_and_everything_else_list(query: str) -> None:
    lister, reader = _principal("CourseCompletedLesson-List"), _principal(ROLES[-1])
    assert Caller(principal=lister).get(query).reason is Reason.MISSING_ROLE
    assert Caller(principal=reader).get(query).status in (200, 400)


@pytest.mark.parametrize("query", ["", "id=1", "id=", "CourseCompletedLesson_Id=[1]", "id=1]", 5])
def test_a_list_is_not_to_be_had_with_read(query: object) -> None:
    reader = _principal("CourseCompletedLesson-Read")
    assert Caller(principal=reader).get(query).reason is Reason.MISSING_ROLE


queries = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60),
    st.sampled_from(["id=[1,2]", "id=1", "page=0", "CourseCompletedLesson_X=1", "%ff", "a" * 9000]),
    st.none(),
)
refused = st.one_of(
    st.none(),
    st.lists(st.sampled_from(["Course-List", "CourseCompletedLesson", "-List"])).map(
        lambda roles: _principal(*roles)
    ),
)


@given(st.sampled_from(sorted(REQUESTS)), refused, queries, queries, st.booleans(), st.integers())
def test_a_refusal_does_not_depend_on_data_query_or_body(
    operation: Operation,
    principal: Principal | None,
    one: object,
    other: object,
    empty: bool,
    body: object,
) -> None:
    asked = REQUESTS[operation][1]
    method, path = asked["method"], asked.get("path", PATH)
    full = Caller(principal=principal).ask(method, path, query=one, body=asked.get("body"))
    bare = Caller(filled(Tracker(), []) if empty else None, principal=principal)
    again = bare.ask(method, path, query=other, body=body, when=None)
    assert full == again
    assert full.status == 401
    assert json.dumps(full.body) == json.dumps(again.body)
