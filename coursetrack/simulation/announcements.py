"""What many learners hear at once: a mail, a live lesson, a reminder.

Without them everybody comes in their own time, and peaks of load are several times too low.
"""

from datetime import datetime

import attrs

from coursetrack.domain.values import as_id, as_instant
from coursetrack.errors import InvalidValue
from coursetrack.simulation.draws import Draws
from coursetrack.simulation.shapes import Quantiles, as_share

SOON = Quantiles((5, 30, 60, 120, 300, 900, 2_700))
"""How many seconds after a mail those come who come because of it. (decided)"""


@attrs.frozen(kw_only=True)
class Announcement:
    """At `at`, the share `reaches` of those who are away come back at once instead of later.

    It wakes those who would have come back or begun later, and nobody who has given up. `id` names
    its draws, so two announcements need two ids; `course_id` None is for every course.
    """

    id: int
    at: datetime
    reaches: float
    course_id: int | None = None
    delay: Quantiles = SOON
    """From the announcement to the visit, in seconds."""

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.delay, Quantiles):
            raise InvalidValue.of("delay", self.delay, "Quantiles of seconds")
        checked = {
            "id": as_id("id", self.id),
            "at": as_instant("at", self.at),
            "reaches": as_share("reaches", self.reaches),
            "course_id": None if self.course_id is None else as_id("course_id", self.course_id),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def brings(self, draws: Draws, member_id: int) -> int | None:
        """After how many seconds this member comes because of it, or None for not at all."""
        u = draws(member_id, -self.id)
        return int(self.delay(u.delay)) if u.pause < self.reaches else None
