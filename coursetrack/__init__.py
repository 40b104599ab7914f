"""coursetrack: events in, completed lessons out, and every list query about them answered.

Start with :class:`Tracker`. The endpoint is in ``coursetrack.endpoint``, the test kit in
``coursetrack.testing``.
"""

from coursetrack.domain.changes import Change
from coursetrack.domain.criteria.amounts import ScoreAtLeast, TimeSpentAtLeast
from coursetrack.domain.criteria.combined import AllOf, AnyOf, AtLeast
from coursetrack.domain.criteria.criterion import Action, Criterion, Known, Need
from coursetrack.domain.criteria.triggers import Button, Untracked, VideoEnd, Visited
from coursetrack.domain.criteria.video import ExplainedVideo, VideoCoverage
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
from coursetrack.domain.events import (
    ButtonClick,
    Event,
    PageVisit,
    Scored,
    TimeSpent,
    VideoFinish,
    VideoProgress,
)
from coursetrack.domain.evidence import (
    Evidence,
    FirstClick,
    FirstFinish,
    FirstVisit,
    Presence,
    Scores,
)
from coursetrack.domain.explanation import ExplainedCriterion, ExplainedLock, Explanation, Step
from coursetrack.domain.facts import Fact, RememberedEvent
from coursetrack.domain.lint import Finding, FindingCode
from coursetrack.domain.open_lessons import ClosedLesson, OpenLessons
from coursetrack.domain.outcomes import Outcome, Tally
from coursetrack.domain.plain_events import event_from_plain
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
    MergeConflict,
    MissingEntity,
    MissingReference,
    MissingShard,
    NotCompleted,
    Problem,
    SequenceGap,
    SequenceRepeat,
    ShardsChanged,
    StaleReply,
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
    "AllOf",
    "AnyOf",
    "AtLeast",
    "Button",
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
    "Criterion",
    "Difference",
    "DifferenceReason",
    "DuplicateCompletion",
    "DuplicateId",
    "Effect",
    "Entity",
    "Event",
    "EventConflict",
    "Evidence",
    "ExplainedCriterion",
    "ExplainedLock",
    "ExplainedVideo",
    "Explanation",
    "Fact",
    "Finding",
    "FindingCode",
    "FirstClick",
    "FirstFinish",
    "FirstVisit",
    "IdsExhausted",
    "ImportProblem",
    "ImportProblems",
    "InvalidRequest",
    "InvalidSnapshot",
    "InvalidValue",
    "Known",
    "Lesson",
    "MemberWhatIf",
    "MergeConflict",
    "MissingEntity",
    "MissingReference",
    "MissingShard",
    "Need",
    "NotCompleted",
    "OpenLessons",
    "Outcome",
    "Page",
    "PageVisit",
    "Presence",
    "Problem",
    "Progress",
    "Refusal",
    "RefusalCode",
    "RememberedEvent",
    "ScoreAtLeast",
    "Scored",
    "Scores",
    "Section",
    "SequenceGap",
    "SequenceRepeat",
    "ShardsChanged",
    "StaleReply",
    "Step",
    "StillReferenced",
    "Tally",
    "TimeSpent",
    "TimeSpentAtLeast",
    "Tracker",
    "UnlockType",
    "Untracked",
    "VersionConflict",
    "VideoCoverage",
    "VideoEnd",
    "VideoFinish",
    "VideoProgress",
    "Visited",
    "Watched",
    "WhatIf",
    "event_from_plain",
    "rules_text",
]

__version__ = "0.2.0"
