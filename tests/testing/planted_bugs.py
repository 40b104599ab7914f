"""Thirty small bugs, one at a time, and a way to plant each in the running engine.

A bug is a piece of a module's source and what stands there instead. Planting compiles the changed
source and gives each function of the module the code that it has there; nothing is written, and
everything is as before afterwards.
"""

import inspect
import types
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import attrs


@attrs.frozen
class Bug:
    """A mistake somebody might make: in `module`, `wrong` stands where `right` should."""

    name: str
    module: str
    right: str
    wrong: str


BUGS = (
    Bug(
        "a page is one row too long",
        "listing.store",
        "last = min(first + query.size, total)",
        "last = min(first + query.size + 1, total)",
    ),
    Bug(
        "the first item is counted from 0",
        "listing.query",
        "(self.page_number - 1) * self.page_size + 1",
        "(self.page_number - 1) * self.page_size",
    ),
    Bug(
        "the last page has a next page",
        "listing.query",
        "return self.page_number < self.total_pages",
        "return self.page_number <= self.total_pages",
    ),
    Bug(
        "a full last page counts twice",
        "listing.query",
        "return -(-self.total_items // self.page_size)",
        "return self.total_items // self.page_size + 1",
    ),
    Bug(
        "descending pages are not turned around",
        "listing.store",
        "return answer.rows(total - last, total - first)[::-1], total",
        "return answer.rows(total - last, total - first), total",
    ),
    Bug(
        "the end of a range is exclusive",
        "listing.postings",
        "column, span[1], bisect_right",
        "column, span[1], bisect_left",
    ),
    Bug(
        "the start of a tested range is exclusive",
        "listing.postings",
        "if low <= column[row] <= high]",
        "if low < column[row] <= high]",
    ),
    Bug(
        "ties between names are broken the other way",
        "listing.sort_orders",
        "rows += groups[0] if len(groups) == 1 else self._by_id(groups)",
        "rows += self._by_id(groups)[::-1]",
    ),
    Bug(
        "a rename leaves the old name in the indexes",
        "listing.dimensions",
        "if old == labels:",
        "if old is not None:",
    ),
    Bug(
        "a renamed coworker is renamed in one enrolment only",
        "listing.dimensions",
        "self._show(members, coworker.id)",
        "self._show(tuple(members)[:1], coworker.id)",
    ),
    Bug(
        "remembered answers outlive a rename",
        "listing.store",
        "now.dead, self._live_names.renames(query))",
        "now.dead, ())",
    ),
    Bug(
        "a deleted record stays in the table",
        "listing.store",
        "table.put(after, replaced=row)",
        "table.put(after, replaced=row if after else None)",
    ),
    Bug(
        "a deleted completion still counts as completed",
        "knowledge.state",
        "self.completions.discard(undo_log, before.lesson_id, before.member_id)",
        "pass",
    ),
    Bug(
        "the next id does not step over an imported one",
        "knowledge.state",
        "return id_ >= self.next_id and",
        "return id_ > self.next_id + 1 and",
    ),
    Bug(
        "a short gap in what was watched is ignored",
        "domain.intervals",
        "first = bisect_left(local, start, key=_end)\n    last",
        "first = bisect_left(local, start - 1000, key=_end)\n    last",
    ),
    Bug(
        "a stretch inside a watched one cuts it short",
        "domain.intervals",
        "end = max(end, local[last - 1][1])",
        "end = max(end, start)",
    ),
    Bug(
        "almost enough of a video is enough",
        "domain.watched",
        "return self.missing(threshold) == 0",
        "return (self.missing(threshold) or 0) < 1000",
    ),
    Bug(
        "any event completes a lesson that no event completes alone",
        "domain.rules",
        "if type(event) is criterion.trigger:",
        "if criterion.trigger in (type(event), None):",
    ),
    Bug(
        "a timed lock opens too late for its own instant",
        "domain.unlocking",
        "at - member.created_on < lock.wait",
        "at - member.created_on <= lock.wait",
    ),
    Bug(
        "the instant of enrolment is before the enrolment",
        "domain.rules",
        "if at < member.created_on:",
        "if at <= member.created_on:",
    ),
    Bug(
        "a lesson that cannot be completed blocks the next one",
        "domain.outline",
        "        if lesson.id in countable:",
        "        if lesson.active:",
    ),
    Bug(
        "lessons with one display order are read backwards",
        "domain.outline",
        "each.display_order, each.id))\n    )",
        "each.display_order, -each.id))\n    )",
    ),
    Bug(
        "an empty section unlocks the one after it",
        "domain.outline",
        "previous = tuple(within.get(section.id, ())) or previous",
        "previous = tuple(within.get(section.id, ()))",
    ),
    Bug(
        "an event id may be used again for another event",
        "recording",
        "if known is not None and known != event:",
        "if known is not None and known.lesson_id != event.lesson_id:",
    ),
    Bug(
        "one event too many is remembered",
        "knowledge.event_ids",
        "surplus = len(known) - self.capacity",
        "surplus = len(known) - 1 - self.capacity",
    ),
    Bug(
        "a blocked member may go on",
        "domain.rules",
        "if member.blocked:",
        "if member.blocked and not member.approved:",
    ),
    Bug(
        "the last completed lesson is the first of equals",
        "listing.store",
        'row = max(rows, key=self.indexes.order("created").key, default=None)',
        "row = max(rows, key=self.table.created.__getitem__, default=None)",
    ),
    Bug(
        "an update moves the instant of completion",
        "tracker",
        '            updated_on=max(before.updated_on, as_instant("at", at)),\n',
        '            updated_on=max(before.updated_on, as_instant("at", at)), created_on=at,\n',
    ),
    Bug(
        "a fork shares what was watched",
        "knowledge.evidence",
        "self._borrowed = other._borrowed = True",
        "self._borrowed = other._borrowed = False",
    ),
    Bug(
        "sharp s is not folded",
        "domain.folding",
        "_decomposed(_decomposed(text).casefold())",
        "_decomposed(_decomposed(text).lower())",
    ),
)


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """The engine with `bug` in it, until the block ends."""
    module = import_module(f"coursetrack.{bug.module}")
    source = inspect.getsource(module)
    assert source.count(bug.right) == 1, f"{bug.name}: its place is gone from {bug.module}"
    copy = types.ModuleType(module.__name__)
    copy.__file__ = module.__file__
    exec(compile(source.replace(bug.right, bug.wrong), str(module.__file__), "exec"), vars(copy))
    wrong = dict(_functions(copy))
    changed = {
        name: function
        for name, function in _functions(module)
        if _instructions(function.__code__) != _instructions(wrong[name].__code__)
    }
    assert changed, f"{bug.name}: no function differs"
    right = {name: function.__code__ for name, function in changed.items()}
    try:
        for name, function in changed.items():
            function.__code__ = wrong[name].__code__
        yield
    finally:
        for name, function in changed.items():
            function.__code__ = right[name]


def _functions(module: types.ModuleType) -> Iterator[tuple[str, types.FunctionType]]:
    for name, value in vars(module).items():
        if isinstance(value, types.FunctionType) and value.__module__ == module.__name__:
            yield name, value
        elif isinstance(value, type) and value.__module__ == module.__name__:
            for own, member in vars(value).items():
                found = getattr(member, "fget", None) or getattr(member, "__func__", member)
                if isinstance(found, types.FunctionType):
                    yield f"{name}.{own}", found


def _instructions(code: types.CodeType) -> tuple[object, ...]:
    inner = [_instructions(x) if isinstance(x, types.CodeType) else x for x in code.co_consts]
    return code.co_code, code.co_names, repr(inner)
