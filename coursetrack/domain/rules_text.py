"""The rules that everything here follows, as text: what a docstring means by "rule 5".

Facts come from the origin product's public documents; *(decided)* marks what those leave open and
this package settles.
"""

from textwrap import fill

_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "The event must concern the lesson's criterion",
        (
            "A page visit completes a VISITED lesson, a button click a BUTTON lesson, a finished "
            "video a VIDEO lesson. Any other event on the lesson is ignored. No event completes a "
            "lesson of type NONE; a hand may.",
        ),
    ),
    (
        "A video with a coverage threshold",
        (
            "It completes when the union of the watched stretches covers at least that share of "
            "the video. Watching a part again adds nothing; jumping to the end adds what was seen. "
            "Stretches are whole milliseconds, from the start up to but not including the end. A "
            "stretch whose end is before its start counts for nothing.",
            "The duration is the lesson's own where it has one; else the best over the reported "
            "durations that are within 1 second or 1 % (the larger) of the longest. (decided)",
        ),
    ),
    (
        "At most one completion for a lesson and a member",
        (
            "A repeated trigger leaves the record, its id and its times as they are. The same "
            "event_id with the same body does nothing; with another body it is an error. Two "
            "bodies that are equal in milliseconds are the same.",
            "Only an event that changed something or met its lesson completed uses its event_id "
            "up: one that is refused or ignored may be sent again. An event that adds nothing to "
            "what is known completes nothing. (decided)",
        ),
    ),
    (
        "An event that may not complete anything is refused",
        (
            "It is refused with all its reasons and writes nothing: the lesson or the member is "
            "unknown; the lesson is of another course than the member's; the instant lies before "
            "the enrolment; the member is not approved, or blocked; the lesson, its section or the "
            "course is inactive; the lesson is locked. (decided)",
        ),
    ),
    (
        "What opens a lesson",
        (
            "IMMEDIATE: it is open from the enrolment. TIMED: it opens unlock_after_days times 24 "
            "hours after the enrolment, at that very instant. SEQUENTIAL: it opens once the lesson "
            "before it is completed; looked past are lessons that are inactive, of type NONE, or "
            "not required. The first one is open.",
            "Sections have the same three; for a SEQUENTIAL one, every such lesson of the section "
            "before must be completed. Lessons are read in this order: those without a section "
            "first, then by the display_order of the section, then by their own; ties by id.",
            "An event is judged at its own instant or, where that is earlier, at the instant at "
            "which it was recorded: a sender whose clock is ahead opens nothing. (decided)",
        ),
    ),
    (
        "A completed lesson stays completed, and open",
        (
            "Whatever is locked, moved or added later. Deleting a completion leaves those that "
            "came after it. It forgets what was known of that lesson and member, who start anew. "
            "(decided)",
        ),
    ),
    (
        "By hand",
        (
            "An administrator may create, change and delete completions whatever the rules say, "
            "but not make a second one for the same lesson and member. Deleting a lesson or a "
            "member deletes its completions. A lesson or a member that has completions cannot move "
            "to another course. (decided)",
        ),
    ),
    (
        "Time",
        (
            "created_on is the instant at which the criterion was first met by what is known: the "
            "event's own; for reports that add up, the latest instant among those it rests on.",
            "updated_on is the instant at which the event was recorded, where the host says so "
            "(recorded_at), else created_on; an update moves it, and never back. So a client that "
            "asks again and again for what was updated since misses nothing, however late an event "
            "arrives. No clock is read: every instant is an argument. (decided)",
        ),
    ),
    (
        "A criterion that changed",
        (
            "Lowering a threshold completes nobody by itself. settle completes everybody whose "
            "evidence is enough by now, and what_if says who that would be. (decided)",
        ),
    ),
)


def rules_text() -> str:
    """The rules by their numbers, as plain text of some 80 lines.

    >>> print(rules_text().splitlines()[0])
    Rule 1. The event must concern the lesson's criterion
    """
    return "\n\n".join(_rule(number, *rule) for number, rule in enumerate(_RULES, 1)) + "\n"


def _rule(number: int, title: str, paragraphs: tuple[str, ...]) -> str:
    told = (fill(each, 80, initial_indent="    ", subsequent_indent="    ") for each in paragraphs)
    return "\n".join((f"Rule {number}. {title}", *told))
