"""coursetrack: events in, completed lessons out, and every list query about them answered.

Start with :class:`Tracker`. The endpoint is in ``coursetrack.endpoint``, the test kit in
``coursetrack.testing``.
"""

from coursetrack.domain.changes import Change
from coursetrack.domain.entities import (
    CompletedLesson,
    CompletionType,
    Course,
    CourseMember,
    Coworker,
    Entity,
    Lesson,
    Section,
    UnlockType,
)
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish, VideoProgress
from coursetrack.domain.explanation import (
    Action,
    ExplainedLock,
    ExplainedVideo,
    Explanation,
    Step,
)
from coursetrack.domain.facts import Fact, RememberedEvent
from coursetrack.domain.lint import Finding, FindingCode
from coursetrack.domain.open_lessons import ClosedLesson, OpenLessons
from coursetrack.domain.outcomes import Outcome, Tally
from coursetrack.domain.progress import Progress
from coursetrack.domain.refusals import Refusal, RefusalCode
from coursetrack.domain.rules_text import rules_text
from coursetrack.domain.watched import Watched
from coursetrack.errors import (
    ChangeConflict,
    CorruptStore,
    CoursetrackError,
    DuplicateCompletion,
    DuplicateId,
    EventConflict,
    IdsExhausted,
    ImportProblem,
    ImportProblems,
    InvalidRequest,
    InvalidSnapshot,
    InvalidValue,
    MissingEntity,
    MissingReference,
    NotCompleted,
    Problem,
    SequenceGap,
    SequenceRepeat,
    StillReferenced,
    VersionConflict,
)
from coursetrack.listing.completed_lessons import CompletedLessons
from coursetrack.listing.fields import ORDERS
from coursetrack.listing.query import CompletedLessonQuery, Page
from coursetrack.tracker import Tracker
from coursetrack.what_if import Difference, DifferenceReason, Effect, MemberWhatIf, WhatIf

__all__ = [
    "ORDERS",
    "Action",
    "ButtonClick",
    "Change",
    "ChangeConflict",
    "ClosedLesson",
    "CompletedLesson",
    "CompletedLessonQuery",
    "CompletedLessons",
    "CompletionType",
    "CorruptStore",
    "Course",
    "CourseMember",
    "CoursetrackError",
    "Coworker",
    "Difference",
    "DifferenceReason",
    "DuplicateCompletion",
    "DuplicateId",
    "Effect",
    "Entity",
    "Event",
    "EventConflict",
    "ExplainedLock",
    "ExplainedVideo",
    "Explanation",
    "Fact",
    "Finding",
    "FindingCode",
    "IdsExhausted",
    "ImportProblem",
    "ImportProblems",
    "InvalidRequest",
    "InvalidSnapshot",
    "InvalidValue",
    "Lesson",
    "MemberWhatIf",
    "MissingEntity",
    "MissingReference",
    "NotCompleted",
    "OpenLessons",
    "Outcome",
    "Page",
    "PageVisit",
    "Problem",
    "Progress",
    "Refusal",
    "RefusalCode",
    "RememberedEvent",
    "Section",
    "SequenceGap",
    "SequenceRepeat",
    "Step",
    "StillReferenced",
    "Tally",
    "Tracker",
    "UnlockType",
    "VersionConflict",
    "VideoFinish",
    "VideoProgress",
    "Watched",
    "WhatIf",
    "rules_text",
]

__version__ = "0.2.0"
