"""A run as the calls that were made, told as a program that can be run, and made shorter.

A failing run is long, and most of it has nothing to do with the fault. So calls are left out, in
blocks and then one by one, as long as tracker and model still differ: some hundred tries at most.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs

from coursetrack.errors import CoursetrackError
from coursetrack.testing.program import code

MOST_TRIES = 400
"""How often a failing run is tried again with fewer calls, at most."""


@attrs.frozen
class Call:
    """A call of a tracker's method, or a note of what else was done to it (no name)."""

    name: str
    arguments: tuple[Any, ...] = ()
    named: Mapping[str, Any] = MappingProxyType({})

    def on(self, tracker: Any) -> Any:
        """What comes of making this call on `tracker`."""
        return getattr(tracker, self.name)(*self.arguments, **self.named)

    @property
    def code(self) -> str:
        """The call as a line of Python; a note as a comment."""
        if not self.name:
            return f"# {self.arguments[0]}"
        if self is RESTART:
            return "tracker = restart(tracker)"
        if self.name == "add_all":
            lines = "".join(f"    {code(each)},\n" for each in self.arguments[0])
            return f"tracker.add_all([\n{lines}])"
        given = [code(each) for each in self.arguments]
        given += [f"{name}={code(value)}" for name, value in self.named.items()]
        return f"tracker.{self.name}({', '.join(given)})"


def noted(text: str) -> Call:
    """A note of something that is no call of one method."""
    return Call("", (text,))


RESTART = Call("restart")
"""The service stops and starts."""


class Listening:
    """Stands before a tracker and writes down which of its methods are called, and with what."""

    def __init__(self, tracker: Any, calls: list[Call]) -> None:
        self._tracker = tracker
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._tracker, name)
        return self._listened(name, found) if callable(found) else found

    def _listened(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._calls.append(Call(name, arguments, named))
            return method(*arguments, **named)

        return call


def shortest(calls: Sequence[Call], fails: Callable[[Sequence[Call]], bool]) -> list[Call]:
    """The fewest of `calls`, in order, with which `fails` is true; at most :data:`MOST_TRIES`.

    Blocks of half of them, of a quarter and so on are left out, then single ones, until nothing
    more can go. Where `fails` is not true even with all of them, they are given back.
    """
    kept, tries = [*_one_by_one(calls)], 0
    if not fails(kept):
        return list(calls)
    size = max(1, len(kept) // 2)
    while tries < MOST_TRIES:
        shorter = False
        place = len(kept)
        while place > 0 and tries < MOST_TRIES:
            place = max(0, place - size)
            tries += 1
            for without in _without(kept, place, size):
                if fails(without):
                    kept, shorter = without, True
                    break
        if size == 1 and not shorter:
            break
        size = size if shorter and size == 1 else max(1, size // 2)
    return kept


def _without(calls: list[Call], place: int, size: int) -> Iterator[list[Call]]:
    """The calls without a block of them; also with the ids that a record less would leave."""
    before, after = calls[:place], calls[place + size :]
    yield before + after
    if size == 1 and calls[place].name == "complete":
        yield before + [_one_less(call) for call in after]


def _one_less(call: Call) -> Call:
    id_ = call.named.get("id", 1)
    return attrs.evolve(call, named={**call.named, "id": id_ - 1}) if id_ > 1 else call


def simplest(calls: Sequence[Call], fails: Callable[[Sequence[Call]], bool]) -> list[Call]:
    """`calls` with plainer values, where `fails` is still true; at most :data:`MOST_TRIES`.

    Each entity gives up what it can do without, field by field, and each text becomes ``a``.
    """
    kept, tries = list(calls), 0
    for place, call in enumerate(kept):
        for name in _fields_of(_given(call)):
            plainer = _plainer(_given(kept[place]), name)
            if plainer is None or tries >= MOST_TRIES:
                continue
            tries += 1
            tried = [*kept[:place], _giving(call, plainer), *kept[place + 1 :]]
            if fails(tried):
                kept = tried
    return kept


def _given(call: Call) -> Any:
    """The entity or event that a call is given, or None."""
    given = list(call.arguments[0]) if call.name == "add_all" else list(call.arguments)
    return given[0] if len(given) == 1 and attrs.has(type(given[0])) else None


def _giving(call: Call, value: Any) -> Call:
    return attrs.evolve(call, arguments=([value],) if call.name == "add_all" else (value,))


def _fields_of(value: Any) -> list[str]:
    if value is None:
        return []
    fields = {each.alias: each for each in attrs.fields(type(value)) if each.init}
    return [name for name in fields if name not in ("id", "unique_id")]


def _plainer(value: Any, name: str) -> Any:
    """The value with one field as it is when nobody says, or a plain text; None if it is."""
    field = next(each for each in attrs.fields(type(value)) if each.alias == name)
    plain = "a" if field.type is str else field.default
    if plain is attrs.NOTHING or getattr(value, field.name) == plain:
        return None
    try:
        return attrs.evolve(value, **{name: plain})
    except CoursetrackError:
        return None


def _one_by_one(calls: Sequence[Call]) -> Iterator[Call]:
    """The calls, with each entity of an `add_all` added alone, so that each can be left out."""
    for call in calls:
        if call.name == "add_all":
            for entity in call.arguments[0]:
                yield Call("add_all", ([entity],))
        else:
            yield call


def program(calls: Sequence[Call]) -> str:
    """The calls as Python that runs, once `make_tracker` (and `restart`) are defined."""
    text = "\n".join(each.code for each in _together(calls))
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    ours = sorted(name for name in names - {"Fraction", "UTC"} if name[0].isupper())
    imports = ["from datetime import UTC, datetime"] if "datetime" in names else []
    imports += ["from fractions import Fraction"] if "Fraction" in names else []
    imports += [f"from coursetrack import {', '.join(ours)}"] if ours else []
    return "\n".join([*imports, "tracker = make_tracker()", text])


def _together(calls: Sequence[Call]) -> Iterator[Call]:
    """The calls, with the entities that are added one after the other in one `add_all`."""
    adding: list[Any] = []
    for call in calls:
        if call.name == "add_all":
            adding += call.arguments[0]
            continue
        if adding:
            yield Call("add_all", (adding,))
            adding = []
        yield call
    if adding:
        yield Call("add_all", (adding,))
