"""Mutants that change nothing anybody can see, each with the reason.

Named by path, the line as it is and as the mutant has it, so that they stay found while lines move.
"""

from collections.abc import Iterable
from types import MappingProxyType

Key = tuple[str, str, str]


def _in_short(path: str, line: str, compared: str) -> Iterable[tuple[Key, str]]:
    """Those that let less through a check that is made in short: the rule behind it is asked then.

    `compared` is ``0 < x <= MAX_ID``; what lets more through, a test finds.
    """
    low, name, high = compared.split(" < ")[0], *compared.split(" < ")[1].split(" <= ")
    lower = [f"{low} {sign} {name} <= {high}" for sign in ("==", ">", ">=")]
    higher = [f"{low} < {name} {sign} {high}" for sign in ("==", "<", ">", ">=")]
    for wrong in (*lower, *higher, f"{int(low) + 1} < {name} <= {high}"):
        yield (path, line, line.replace(compared, wrong)), "what it turns down is asked once more"


EQUIVALENT = MappingProxyType[Key, str](
    {
        (
            "coursetrack/domain/progress.py",
            "return 0 < self.countable == self.completed",
            "return 0 < self.countable <= self.completed",
        ): "no more can be completed than count: the constructor refuses it",
        (
            "coursetrack/domain/progress.py",
            "is_finished = 0 < len(countable) == len(counted)",
            "is_finished = 0 < len(countable) <= len(counted)",
        ): "those that are counted are among the countable ones",
        (
            "coursetrack/listing/answer_cache.py",
            "if late > max(_LATE, planned.touched // _LATE_COST):",
            "if late > max(_LATE, planned.touched / _LATE_COST):",
        ): "a whole number is above a quotient where it is above its whole part",
        (
            "coursetrack/listing/store.py",
            "if query.direction == 1:",
            "if query.direction >= 1:",
        ): "a direction is 1 or -1: the query refuses any other",
        (
            "coursetrack/listing/asks.py",
            "if width <= samples:",
            "if width < samples:",
        ): "as many places as there are, evenly spaced, are all of them",
        (
            "coursetrack/domain/refusals.py",
            "if len(ids) == 1:",
            "if len(ids) <= 1:",
        ): "a lock that waits for lessons names at least one",
        (
            "coursetrack/domain/criteria/combined.py",
            "@attrs.frozen(init=False, repr=False)",
            "@attrs.frozen(init=True, repr=False)",
        ): "nobody makes one of these: its subclasses say how they are made",
        (
            "coursetrack/domain/lint.py",
            "return len(tied) > 1"
            " and any(each.unlock_type is UnlockType.SEQUENTIAL for each in tied)",
            "return len(tied) != 1"
            " and any(each.unlock_type is UnlockType.SEQUENTIAL for each in tied)",
        ): "of none, none opens in sequence",
        (
            "coursetrack/domain/plain_changes.py",
            "if isinstance(entry, Added) or len(entry) == 2:",
            "if isinstance(entry, Added) or len(entry) <= 2:",
        ): "an entry has two parts or more",
        (
            "coursetrack/domain/growing.py",
            "PIECE = 64",
            "PIECE = 65",
        ): "pieces of another length hold the same values",
        (
            "coursetrack/domain/events.py",
            "if not (0 < duration <= MAX_SECONDS and milliseconds(duration) > 0):",
            "if not ( -1 < duration <= MAX_SECONDS and milliseconds(duration) > 0):",
        ): "what is no longer than nothing is no millisecond long",
        (
            "coursetrack/domain/progress.py",
            "is_finished = 0 < len(countable) == len(counted)",
            "is_finished = 0 != len(countable) == len(counted)",
        ): "no length is below 0",
        (
            "coursetrack/domain/explanation.py",
            "sections.add(each.section_id)",
            "pass",
        ): "what a section asks for is taken up once more, and changes nothing",
        (
            "coursetrack/domain/events.py",
            "return self.end < self.start and self.ends[1] < self.ends[0]",
            "return self.end <= self.start and self.ends[1] < self.ends[0]",
        ): "the first comparison only tells sooner what the second tells",
        (
            "coursetrack/domain/outcomes.py",
            "went = zip(self.went, self.went_at, strict=True)",
            "went = zip(self.went, self.went_at, strict=False)",
        ): "each that went has its place: both are cut from one queue",
        **{
            (
                "coursetrack/domain/growing.py",
                "return len(self) == len(other) and tuple(self) == tuple(other)",
                f"return len(self) {sign} len(other) and tuple(self) == tuple(other)",
            ): "the lengths only tell sooner what the values tell"
            for sign in (">=", "<=")
        },
        **dict(
            _in_short(
                "coursetrack/domain/values.py",
                "if type(value) is int and 0 < value <= MAX_ID:",
                "0 < value <= MAX_ID",
            )
        ),
        **dict(
            _in_short(
                "coursetrack/domain/events.py",
                "if not (type(member_id) is int and 0 < member_id <= MAX_ID):",
                "0 < member_id <= MAX_ID",
            )
        ),
        **dict(
            _in_short(
                "coursetrack/domain/events.py",
                "if not (type(lesson_id) is int and 0 < lesson_id <= MAX_ID):",
                "0 < lesson_id <= MAX_ID",
            )
        ),
    }
)
"""(path, line, the mutant's line), without indent -> why no test can tell."""


def reason(path: str, right: str, wrong: str) -> str | None:
    """Why this mutant is equivalent, or None where a test should find it."""
    return EQUIVALENT.get((path, right.strip(), wrong.strip()))
