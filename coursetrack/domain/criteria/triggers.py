"""The criteria that one event meets alone, and the one that no event meets."""

from datetime import datetime
from typing import ClassVar

import attrs

from coursetrack.domain.criteria.criterion import Action, Criterion, Known, Need
from coursetrack.domain.criteria.video import ExplainedVideo, explained_video
from coursetrack.domain.events import ButtonClick, Event, PageVisit, VideoFinish
from coursetrack.domain.evidence import Evidence, FirstClick, FirstFinish, FirstVisit
from coursetrack.domain.watched import Watched


@attrs.frozen
class _Triggered(Criterion):
    """Met by the first event of one kind."""

    first: ClassVar[type[FirstVisit] | type[FirstClick] | type[FirstFinish]]
    need: ClassVar[Need]

    def since(self, known: Known) -> datetime | None:
        """The first event."""
        first = known.get(self.first)
        return None if first is None else first.at

    def missing(self, known: Known) -> tuple[Need, ...]:
        """One event."""
        return (self.need,) if self.since(known) is None else ()


@attrs.frozen
class Visited(_Triggered):
    """The member opened the lesson's page. The origin's VISITED."""

    trigger: ClassVar[type[Event]] = PageVisit
    keeps: ClassVar[tuple[type[Evidence], ...]] = (FirstVisit,)
    first: ClassVar[type[FirstVisit] | type[FirstClick] | type[FirstFinish]] = FirstVisit
    need: ClassVar[Need] = Need(action=Action.PAGE_VISIT, text="a visit to its page")


@attrs.frozen
class Button(_Triggered):
    """The member pressed the lesson's completion button. The origin's BUTTON."""

    trigger: ClassVar[type[Event]] = ButtonClick
    keeps: ClassVar[tuple[type[Evidence], ...]] = (FirstClick,)
    first: ClassVar[type[FirstVisit] | type[FirstClick] | type[FirstFinish]] = FirstClick
    need: ClassVar[Need] = Need(action=Action.BUTTON_CLICK, text="a click on its button")


@attrs.frozen
class VideoEnd(_Triggered):
    """The player reached the end. The origin's VIDEO.

    What is watched on the way is kept too: a threshold that is set later counts it.
    """

    trigger: ClassVar[type[Event]] = VideoFinish
    keeps: ClassVar[tuple[type[Evidence], ...]] = (FirstFinish, Watched)
    first: ClassVar[type[FirstVisit] | type[FirstClick] | type[FirstFinish]] = FirstFinish
    need: ClassVar[Need] = Need(
        action=Action.VIDEO_FINISH, milliseconds=None, text="its video played to the end"
    )

    def details(self, known: Known) -> ExplainedVideo:
        """What is watched so far, though it is not asked for."""
        return explained_video(known, None)


@attrs.frozen
class Untracked(Criterion):
    """No event completes the lesson, only a hand. The origin's NONE."""

    @property
    def can_be_met(self) -> bool:
        """False: only a hand completes the lesson."""
        return False

    def since(self, known: Known) -> datetime | None:
        """Never."""
        return None

    def missing(self, known: Known) -> tuple[Need, ...]:
        """A hand."""
        return (Need(action=Action.BY_HAND, milliseconds=None, text="an administrator, by hand"),)
