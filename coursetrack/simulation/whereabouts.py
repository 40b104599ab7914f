"""Where in a course and in a session a learner is: what the next step depends on."""

from collections.abc import Sequence

from coursetrack.simulation.habits import rest_row, session_row

OFTEN = 0.5
"""A lesson that more learners skip than open is none that is left behind."""


class Whereabouts:
    """The state of one learner. Calibration counts by it, and behaviours choose by it.

    `usual` tells of each place whether most learners open the lesson there.
    """

    __slots__ = (
        "astray",
        "behind",
        "number",
        "opened",
        "pauses",
        "place",
        "position",
        "rested",
        "session",
        "since",
    )

    def __init__(self, places: int) -> None:
        self.place: int = -1
        self.opened: bytearray = bytearray(places)
        """1 for each place whose lesson was opened."""
        self.number: int = -1
        """How many lessons were opened before the one at `place`."""
        self.pauses: int = 0
        """How many sessions there were before this one."""
        self.session: int = 0
        """The row of ``Habits.tiring`` for that."""
        self.rested: int = 0
        """The row of ``Habits.rest`` for the last rest."""
        self.position: int = -1
        """How many lessons were opened before in this session."""
        self.behind: list[int] = []
        """The places before `place` that were passed by, in order, but for those most pass by."""
        self.since: int = 0
        """How many lessons were opened since something was left behind."""
        self.astray: bool = False
        """Whether anything was ever left behind."""

    def move(self, place: int, usual: Sequence[bool], rest: int) -> None:
        """The learner opens the lesson at `place`; O(1) in order.

        After a `rest` of so many seconds, where that makes another session, and 0 where not.
        """
        before = self.place
        self.number += 1
        if rest:
            self.position = 0
            self.pauses += 1
            self.session = session_row(self.pauses)
            self.rested = rest_row(rest)
        else:
            self.position += 1
        self.place = place
        self.opened[place] = 1
        if place != before + 1:
            self._leave(before, place, usual)
        elif self.behind:
            self.since += 1

    def fill(self, place: int) -> None:
        """The lesson at `place` was opened on the way to another one."""
        self.opened[place] = 1
        if place in self.behind:
            self.behind.remove(place)

    def _leave(self, before: int, place: int, usual: Sequence[bool]) -> None:
        opened = self.opened
        left = [p for p in range(before + 1, place) if usual[p] and not opened[p]]
        if place in self.behind:
            self.behind.remove(place)
        if left:
            self.behind = sorted({*self.behind, *left})
            self.since, self.astray = 0, True
        elif self.behind:
            self.since += 1
