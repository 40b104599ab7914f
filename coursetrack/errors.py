"""Every public exception, under one root.

Two kinds, by who is at fault: the caller handed over something wrong (most of this file), or the
store itself is broken (:class:`CorruptStore`). Each carries a stable ``code``, the offending
``value`` and a ``status_hint``: the HTTP status an embedding service would answer with.

A message says what was wrong, what was expected, and the nearest right name where there is one.
A call that raises one of these has changed nothing.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar, NamedTuple

_SHOWN = 80
_TOLD = 5


def shown(value: object) -> str:
    """``repr(value)`` cut at 80 characters, in time bounded whatever the value is."""
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, str | bytes) and len(value) > _SHOWN:
        return repr(value[:_SHOWN])[:_SHOWN] + "…"
    try:
        text = repr(value)
    except Exception:  # a foreign repr may fail in any way, and an error message must not
        return f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` most like `name`, or None. Compares without regard to case."""
    by_folded = {known.casefold(): known for known in names}
    found = get_close_matches(name[:_SHOWN].casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


class CoursetrackError(Exception):
    """The root of every error that coursetrack raises on purpose."""

    code: ClassVar[str] = "coursetrack"
    status_hint: ClassVar[int] = 500

    def __init__(self, message: str, *, value: object = None) -> None:
        super().__init__(message)
        self.value = value


class InvalidValue(CoursetrackError, ValueError):
    """A value is of the wrong type, out of range, or not readable; `field` names the argument."""

    code = "invalid_value"
    status_hint = 400

    def __init__(
        self, message: str, *, field: str = "", value: object = None, expected: str = ""
    ) -> None:
        super().__init__(message, value=value)
        self.field = field
        self.expected = expected

    @classmethod
    def of(cls, field: str, value: object, expected: str) -> "InvalidValue":
        """The usual sentence: ``field: expected …, got …``."""
        return cls(
            f"{field}: expected {expected}, got {shown(value)}",
            field=field,
            value=value,
            expected=expected,
        )


class Problem(NamedTuple):
    """One thing wrong with a request: the property, what is wrong, and what was sent (cut)."""

    property_name: str
    message: str
    attempted_value: str | int | float | None = None


class InvalidRequest(CoursetrackError, ValueError):
    """Query text or a body that cannot be read; `problems` holds everything wrong with it."""

    code = "invalid_request"
    status_hint = 400

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        told = (f"{each.property_name}: {each.message}" for each in self.problems)
        super().__init__("; ".join(told))


class DuplicateId(CoursetrackError):
    """An entity with this kind and id (or unique id) is there already."""

    code = "duplicate_id"
    status_hint = 409


class DuplicateCompletion(CoursetrackError):
    """This member has completed this lesson already: one completion per pair (rules 3, 7)."""

    code = "duplicate_completion"
    status_hint = 409


class MissingEntity(CoursetrackError, LookupError):
    """The entity that a call names is not in the tracker."""

    code = "missing_entity"
    status_hint = 404


class MissingReference(CoursetrackError):
    """An entity refers to another one that is not in the tracker."""

    code = "missing_reference"
    status_hint = 400


class StillReferenced(CoursetrackError):
    """A course, section or coworker cannot go while others refer to it."""

    code = "still_referenced"
    status_hint = 409


class ImportProblem(NamedTuple):
    """One thing that cannot be added: its place in what was handed over, itself, and why."""

    place: int
    entity: object
    error: CoursetrackError


class ImportProblems(CoursetrackError):
    """Some entities of an import cannot be added, so none was; `problems` holds all of them.

    Each was tried in order, with those before it that can be added.
    """

    code = "import_problems"
    status_hint = 400

    def __init__(self, problems: Iterable[ImportProblem]) -> None:
        self.problems: tuple[ImportProblem, ...] = tuple(problems)
        told = [f"[{each.place}] {each.error}" for each in self.problems[:_TOLD]]
        more = len(self.problems) - len(told)
        rest = [f"and {more} more, see problems"] if more else []
        super().__init__("; ".join(told + rest), value=self.problems)


class NotCompleted(CoursetrackError):
    """An outcome was asked for the completed lesson that it must have, and has none."""

    code = "not_completed"
    status_hint = 409


class EventConflict(CoursetrackError):
    """This ``event_id`` was seen before with another body (rule 3)."""

    code = "event_conflict"
    status_hint = 409


class VersionConflict(CoursetrackError):
    """``expect_version`` is not the tracker's version: somebody else has written since."""

    code = "version_conflict"
    status_hint = 409


class SequenceGap(CoursetrackError):
    """Replayed changes leave some out: a sequence number is higher than the next one."""

    code = "sequence_gap"
    status_hint = 409


class SequenceRepeat(CoursetrackError):
    """Replayed changes hold one that is applied already: a sequence number is too low."""

    code = "sequence_repeat"
    status_hint = 409


class ChangeConflict(CoursetrackError):
    """A replayed change starts from a fact that is not what the tracker knows."""

    code = "change_conflict"
    status_hint = 409


class IdsExhausted(CoursetrackError):
    """A number that only rises would be over 2**63 - 1: the next id, place or version."""

    code = "ids_exhausted"
    status_hint = 409


class InvalidSnapshot(CoursetrackError, ValueError):
    """A snapshot or a serialised change is not one; the message says where and why."""

    code = "invalid_snapshot"
    status_hint = 400


class MergeConflict(CoursetrackError):
    """Two shards cannot be one: an entity differs between them, or both hold one id."""

    code = "merge_conflict"
    status_hint = 409


class MissingShard(CoursetrackError):
    """A shard did not answer; `value` is its name. An answer without it would be wrong."""

    code = "missing_shard"
    status_hint = 503


class StaleReply(CoursetrackError):
    """A shard answered what was asked before, or from a state before one that it answered from."""

    code = "stale_reply"
    status_hint = 503


class ShardsChanged(CoursetrackError):
    """Writes came between the rounds of a search, each time it was started again."""

    code = "shards_changed"
    status_hint = 503


class CorruptStore(CoursetrackError):
    """``check()`` found an invariant broken: a bug in coursetrack, please report it."""

    code = "corrupt_store"
    status_hint = 500
