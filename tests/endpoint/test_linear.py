"""Answering takes time linear in what was sent: steps of Python are counted, not seconds.

The counter sees every bytecode the package executes. What runs below it (one regex match, one
``json.loads``, one decode) is held by a bound in seconds that only a more than linear one misses.
"""

import sys
from collections.abc import Callable
from time import process_time
from types import FrameType
from typing import Any

import pytest

from coursetrack.endpoint import Principal
from tests.endpoint.worlds import PATH, Caller


def steps(call: Callable[[], object]) -> int:
    """How many bytecodes `call` executes in the package, once it is warm.

    An interpreter may count a code's first runs differently, while it still adapts to them.
    """
    return [_counted(call) for _ in range(3)][-1]


def _counted(call: Callable[[], object]) -> int:
    count = 0

    def opcode(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal count
        count += event == "opcode"
        return opcode

    def enter(frame: FrameType, event: str, arg: object) -> Any:
        if "coursetrack" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return opcode

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


Make = Callable[[int], dict[str, Any]]

# Each makes a request whose text grows with n.
QUERIES: dict[str, Make] = {
    "one long value": lambda n: {"query": "page=" + "9" * n},
    "one long name": lambda n: {"query": "CourseCompletedLesson_" + "x" * n},
    "zeros": lambda n: {"query": "page=" + "0" * n + "1"},
    "escapes": lambda n: {"query": "a=" + "%41" * n},
    "broken escapes": lambda n: {"query": "a=" + "%4" * n},
    "blanks": lambda n: {"query": "id=" + "+" * n + "["},
    "ampersands": lambda n: {"query": "&" * n},
    "extras": lambda n: {"query": "a=1&" * n},
    "repeats": lambda n: {"query": "page=1&" * n},
    "typos": lambda n: {"query": "&".join(f"CourseCompletedLesson_X{i}=1" for i in range(n))},
    "ids": lambda n: {"query": "id=[" + "1," * n + "1]"},
    "nested brackets": lambda n: {"query": "id=" + "[" * n + "]" * n},
    "a date": lambda n: {"query": "from_CourseCompletedLesson_CreatedOn=2025-01-01T" + "0" * n},
    "an order": lambda n: {"query": "orderBy=" + "CourseLesson" * n},
    "a text": lambda n: {"query": "CourseCompletedLesson_CourseLesson_Title=" + "e%CC%81" * n},
    "pairs": lambda n: {"query": [("page", "1")] * n},
    "a path": lambda n: {"path": f"{PATH}/" + "1" * n},
    "slashes": lambda n: {"path": PATH + "/" * n},
}
BODIES: dict[str, Make] = {
    "keys": lambda n: {"body": "{" + ",".join(f'"k{i}":1' for i in range(n)) + "}"},
    "the same key": lambda n: {"body": "{" + ",".join(['"CourseLessonId":1'] * n) + "}"},
    "digits": lambda n: {"body": '{"CourseLessonId": ' + "9" * n + "}"},
    "a fraction": lambda n: {"body": '{"CourseLessonId": 0.' + "9" * n + "}"},
    "an exponent": lambda n: {"body": '{"CourseLessonId": 1e' + "9" * n + "}"},
    "arrays": lambda n: {"body": "[" * n},
    "backslashes": lambda n: {"body": '{"' + "\\\\" * n},
    "parsed": lambda n: {"body": {f"k{i}": i for i in range(n)}},
    "bytes": lambda n: {"body": b"\xc3\xab" * n},
}
ALL = {
    **{name: ("GET", make) for name, make in QUERIES.items()},
    **{name: ("POST", make) for name, make in BODIES.items()},
}


@pytest.fixture(scope="module")
def caller() -> Caller:
    """A caller whose limits do not cut the growth short."""
    return Caller(max_query_bytes=10**9, max_parameters=10**9)


@pytest.mark.parametrize("name", ALL)
def test_twice_the_text_takes_at_most_twice_the_steps(caller: Caller, name: str) -> None:
    method, make = ALL[name]

    def asked(n: int) -> int:
        request = make(n)
        return steps(lambda: caller.ask(method, **request))

    small, double = asked(200), asked(400)
    assert 0 < double <= 2.1 * small + 200


@pytest.mark.parametrize("name", ALL)
@pytest.mark.slow
def test_a_megabyte_takes_no_more_than_seconds(caller: Caller, name: str) -> None:
    method, make = ALL[name]
    request = make(100_000)
    start = process_time()
    caller.ask(method, **request)
    assert process_time() - start < 5


def test_the_counter_counts() -> None:
    tiny, large = Caller(), Caller()
    one = steps(lambda: tiny.get("a=1"))
    many = steps(lambda: large.get("&".join(["a=1"] * 100)))
    assert 0 < one < many


@pytest.mark.parametrize("principal", [None, Principal("x", roles={"CourseLesson-List"})])
def test_nothing_is_read_for_a_caller_without_rights(principal: Principal | None) -> None:
    nobody = Caller(principal=principal, max_query_bytes=10**9)
    short, long = (steps(lambda n=n: nobody.get("a" * n)) for n in (1, 100_000))
    assert short == long
