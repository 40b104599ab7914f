"""Fuzzes the endpoint: broken query texts, paths and bodies, and only documented answers back.

    python -m tests.endpoint.fuzz                    5,000 requests, other ones each time
    python -m tests.endpoint.fuzz --examples 100000  longer
    python -m tests.endpoint.fuzz --seed 7           the same requests again

Requests are put together from pieces of real ones and then damaged, so that they get past the
first check more often than plain noise would. A find is shrunk and printed with the request, and
the exit code is 1.
"""

import argparse
import json
import random
import sys
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from coursetrack.endpoint.vocabulary import ORDER_SPELLINGS, PARAMETERS
from tests.endpoint.test_hostile import BODIES, TEXTS, documented
from tests.endpoint.worlds import PATH, Caller, state_of

names = st.sampled_from(
    [each.name for each in PARAMETERS]
    + ["CourseCompletedLesson_", "from_CourseCompletedLesson_Id", "x", "", "ID", "DIR"]
)
good = st.sampled_from(
    ["1", "10", "asc", "-1", "2025-01-10T08:00", "2025-01-10T08:00:00.5%2B01:00", "[1,2]", "Ada"]
)
values = (
    good
    | st.sampled_from(list(ORDER_SPELLINGS))
    | st.sampled_from([each for each in TEXTS if len(each) < 100])
    | st.text(max_size=12)
)


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[str]) -> str:
    """A text with, at times, a part cut out, doubled or replaced by noise."""
    text = draw(whole)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 8)))
        noise = draw(st.sampled_from(["", "%", "&", "=", "\x00", "[", "\ud800", "１"]) | st.text())
        text = text[:start] + draw(st.sampled_from([noise, text[start:end] * 2])) + text[end:]
    return text


parts = st.tuples(names, st.sampled_from(["=", "=", "=", ""]), values).map("".join)
texts = damaged(st.lists(parts, max_size=6).map("&".join))
queries = st.one_of(
    texts,
    texts.map(lambda text: text.encode(errors="surrogatepass")),
    st.lists(st.tuples(damaged(names), damaged(values)), max_size=5),
)
ids = st.integers(-2, 14) | st.integers() | st.floats() | st.none() | st.text(max_size=5)
keys = damaged(st.sampled_from(["Id", "CourseLessonId", "CourseMemberId", "courselessonid"]))
trees = st.recursive(ids, lambda inner: st.lists(inner) | st.dictionaries(keys, inner))
objects = st.fixed_dictionaries({"CourseLessonId": ids, "CourseMemberId": ids, "Id": ids})
bodies = st.one_of(
    objects,
    trees,
    damaged((objects | trees).map(json.dumps)),
    st.sampled_from(BODIES),
    st.binary(max_size=40),
)
methods = st.sampled_from(["GET", "GET", "POST", "PUT", "DELETE", "PATCH"])
paths = st.sampled_from([PATH, f"{PATH}/", f"{PATH}/1"]) | damaged(st.just(f"{PATH}/2"))


def check(caller: Caller, method: str, path: str, query: Any, body: Any) -> None:
    """Asks, and holds the answer to what is documented: a refusal changes nothing."""
    before = state_of(caller.tracker)
    response = documented(caller.ask(method, path, query=query, body=body))
    if response.status != 200 or method == "GET":
        assert state_of(caller.tracker) == before
    if method == "GET" and response.status == 200 and isinstance(response.body, dict):
        assert "Errors" not in response.body


def fuzz(examples: int, start: int) -> None:
    """Makes that many requests. Raises what is found."""
    caller = Caller()

    @seed(start)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(methods, paths, queries, bodies)
    def run(method: str, path: str, query: Any, body: Any) -> None:
        check(caller, method, path, query, body)

    run()


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when only documented answers came back."""
    parser = argparse.ArgumentParser(prog="python -m tests.endpoint.fuzz")
    parser.add_argument("--examples", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    options = parser.parse_args(arguments)
    try:
        fuzz(options.examples, options.seed)
    except Exception as error:
        sys.stderr.write(f"found with --seed {options.seed}: {error!r}\n")
        sys.stderr.write("\n".join(getattr(error, "__notes__", [])) + "\n")
        return 1
    sys.stdout.write(f"{options.examples} requests, only documented answers\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
