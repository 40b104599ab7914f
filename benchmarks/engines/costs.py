"""What one event costs in each form that it may travel in, and how big what is kept becomes.

The figures say what to move beyond one process and what not. Each is the best of a few passes over
the same events, in processor time.
"""

import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from time import process_time
from typing import Any

import attrs

from benchmarks.engines.work import Plain, Work, record
from coursetrack.domain.plain_events import event_from_plain
from coursetrack.sharding import states_of

_MOST = 50_000  # events looked at: enough for a steady figure
_BATCH = 10_000
_PASSES = 3


@attrs.frozen
class Cost:
    """What something takes for each event: microseconds, and bytes where there are some."""

    what: str
    microseconds: float
    size: float | None = None


@attrs.frozen
class Sizes:
    """How big is what is kept of all events, in bytes."""

    snapshot: int
    state_mean: float
    state_largest: int


def costs(work: Work) -> Iterator[Cost]:
    """Each form of an event, in the work's own order."""
    plain = [*work.events[:_MOST]]
    events = [event_from_plain(each) for each in plain]
    yield _dumped("an event, pickled in a batch and read again", events)
    yield _dumped("its tuple, the same", plain)
    yield _timed("an event made of the tuple", plain, lambda: [*map(event_from_plain, plain)])
    yield _recorded("recorded in bulk from columns", work, lambda each: record(each, plain), plain)
    yield _recorded(
        "recorded in bulk, the events there", work, lambda each: each.record_many(events), plain
    )
    tracker = work.empty()
    changes = [change for each in events for change in tracker.record(each).changes]
    texts = [json.dumps(each.to_dict()) for each in changes]
    took = _best(lambda: [json.dumps(each.to_dict()) for each in changes])
    yield Cost("a change as JSON", took / len(changes) * 1e6, sum(map(len, texts)) / len(changes))


def sizes(snapshot: dict[str, Any]) -> Sizes:
    """Of a tracker's snapshot, and of the states by member that it is taken apart into."""
    states = [len(pickle.dumps(each)) for each in states_of(snapshot).values()]
    return Sizes(len(pickle.dumps(snapshot)), sum(states) / len(states), max(states))


def _dumped(what: str, values: Sequence[Any]) -> Cost:
    # In a batch, as they travel: what they have in common is sent once.
    batches = [values[at : at + _BATCH] for at in range(0, len(values), _BATCH)]
    size = sum(len(pickle.dumps(each)) for each in batches) / len(values)
    cost = _timed(what, values, lambda: [pickle.loads(pickle.dumps(each)) for each in batches])
    return attrs.evolve(cost, size=size)


def _timed(what: str, values: Sequence[Any], call: Callable[[], object]) -> Cost:
    return Cost(what, _best(call) / len(values) * 1e6)


def _recorded(what: str, work: Work, call: Callable[[Any], object], plain: Sequence[Plain]) -> Cost:
    took = []
    for _ in range(_PASSES):
        tracker = work.empty()
        began = process_time()
        call(tracker)
        took.append(process_time() - began)
    return Cost(what, min(took) / len(plain) * 1e6)


def _best(call: Callable[[], object]) -> float:
    took = []
    for _ in range(_PASSES):
        began = process_time()
        call()
        took.append(process_time() - began)
    return min(took)
