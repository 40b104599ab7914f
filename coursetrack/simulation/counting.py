"""What was seen of learners, counted lesson by lesson: the raw material of habits."""

from collections.abc import Iterable

from coursetrack.simulation.default import DEFAULT_HABITS
from coursetrack.simulation.habits import DAY, REST_ROWS, SESSION_ROWS, session_row
from coursetrack.simulation.lives import PastLife, PastStep
from coursetrack.simulation.outlines import whole_second
from coursetrack.simulation.shapes import HOUR, WEEK, WEEK_HOURS
from coursetrack.simulation.whereabouts import Whereabouts

PRIOR = 30.0
"""As how many learners the more general share weighs beside those who were seen."""

_APART = 8
_TIRED = 15
_WEEKS = 6
_MONDAY = 4 * DAY


class Share:
    """How many of how many."""

    __slots__ = ("all", "some")

    def __init__(self) -> None:
        self.some: float = 0
        self.all: float = 0

    def count(self, holds: bool) -> None:
        """One more, of whom it holds or not."""
        self.some += holds
        self.all += 1

    @property
    def share(self) -> float:
        """The share as it was seen; 0 of nobody."""
        return self.some / self.all if self.all else 0.0

    def towards(self, prior: float, weight: float = PRIOR) -> float:
        """The share, leaning on `prior` as if so many more had been seen."""
        return (self.some + weight * prior) / (self.all + weight)

    @classmethod
    def of_all(cls, shares: Iterable["Share"]) -> "Share":
        """Everything that was counted in any of them."""
        total = cls()
        for share in shares:
            total.some += share.some
            total.all += share.all
        return total


class OfLesson:
    """What was counted of one lesson: where it stands, and how many did what."""

    __slots__ = (
        "at_end",
        "ends_section",
        "pause",
        "place",
        "press",
        "press_last",
        "sections",
        "skip",
        "stop",
        "title",
    )

    def __init__(self, life: PastLife, place: int, cohorts: int) -> None:
        self.title: str = life.course.lessons[place].title
        self.place: int = place
        self.ends_section: bool = life.course.ends_section(place)
        self.sections: int = life.course.section_number(place) + 1
        self.at_end: bool = place + 1 == len(life.course.lessons)
        self.skip: Share = Share()
        self.press: Share = Share()
        self.press_last: Share = Share()
        self.pause: Share = Share()
        self.stop: list[Share] = [Share() for _ in range(cohorts)]


class Seen:
    """What was seen of some learners, counted so far."""

    def __init__(self, cohorts: int, often_skipped: frozenset[str]) -> None:
        self.cohorts: int = cohorts
        self.often_skipped: frozenset[str] = often_skipped
        self.lessons: dict[str, OfLesson] = {}
        self.starts: list[Share] = [Share() for _ in range(cohorts)]
        self.delays: list[list[tuple[int, int]]] = [[] for _ in range(cohorts)]
        self.skip_astray: Share = Share()
        self.leap: list[Share] = []
        self.leap_astray: list[Share] = []
        self.returns: list[Share] = []
        self.pairs: dict[tuple[str, str], Share] = {}
        self.waits: list[Share] = [Share() for _ in range(SESSION_ROWS)]
        self.lates: list[tuple[int, int]] = []
        self.returns_last: Share = Share()
        self.leap_first: Share = Share()
        self.stop_astray: list[Share] = []
        self._usual_of_course: dict[int, tuple[bool, ...]] = {}
        self.tiring: list[list[tuple[int, float]]] = [
            [(0, 0.0)] * _TIRED for _ in range(SESSION_ROWS)
        ]
        self.tiring_across: list[list[tuple[int, float]]] = [
            [(0, 0.0)] for _ in range(SESSION_ROWS)
        ]
        self.jumps: list[int] = []
        self.gaps: list[int] = []
        self.leads: list[int] = []
        self.dwells: list[int] = []
        self.rests: list[list[list[tuple[int, int]]]] = [
            [[] for _ in range(_WEEKS)] for _ in range(REST_ROWS)
        ]
        self.rests_across: list[list[tuple[int, int]]] = [[] for _ in range(_WEEKS)]
        self.hours: list[int] = [0] * WEEK_HOURS
        self.coverages: list[float] = []
        self.scores: list[float] = []

    # -- counting

    def take(self, life: PastLife, cohort: int) -> None:
        """Counts one member."""
        self.starts[cohort].count(bool(life.visits))
        self.coverages += life.coverages
        self.scores += (min(max(share, 0.0), 1.0) for share in life.scores)
        if not life.visits:
            return
        since = max(life.course.opens or 0, whole_second(life.member.created_on))
        first = life.visits[0][0]
        self.delays[cohort].append((min(since, first), first))
        self._session(first)
        usual = self._usual(life)
        where = Whereabouts(len(usual))
        self._enter(life)
        where.move(life.visits[0][1], usual, 0)
        for step in life.steps:
            self._visit(life, step.second, where, cohort, is_last=False)
            self._way(life, step, where)
            self._time(life, step, since, where)
            where.move(step.target, usual, step.rest)
        self._visit(life, life.visits[-1][0], where, cohort, is_last=True)
        if where.behind and where.place + 1 == len(usual):
            self.returns_last.count(False)
        self._pair(life)

    def take_pauses(self, life: PastLife) -> None:
        """Counts how many pauses there were, and would be if only the lesson mattered."""
        pauses = position = 0
        for step in life.steps:
            of = self._of(life, step.place)
            tiring = self.tiring_across if of.ends_section else self.tiring
            row = tiring[session_row(pauses)]
            column = min(position, len(row) - 1)
            found, expected = row[column]
            if self._due(life, step, of) is None:
                row[column] = found + step.rests, expected + of.pause.some / of.pause.all
            pauses += step.rests
            position = 0 if step.rests else position + 1

    def _pair(self, life: PastLife) -> None:
        """Counts of lessons that were opened some visits apart whether both were left undone."""
        places = [place for _, place in life.visits[:-1]]
        for one, other in zip(places, places[_APART:], strict=False):
            titles = life.course.lessons[one].title, life.course.lessons[other].title
            undone = one not in life.completed and other not in life.completed
            self.pairs.setdefault(titles, Share()).count(undone)

    @property
    def steady(self) -> Share:
        """How much more often both of two lessons are left undone than by chance, of how much more
        often if the same learners left every lesson undone."""
        found = Share()
        for (one, other), share in self.pairs.items():
            a, b = (1.0 - self.lessons[title].press.share for title in (one, other))
            found.some += share.some - share.all * a * b
            found.all += share.all * (min(a, b) - a * b)
        return found

    def _usual(self, life: PastLife) -> tuple[bool, ...]:
        id_ = life.course.id
        if id_ not in self._usual_of_course:
            self._usual_of_course[id_] = tuple(
                lesson.title not in self.often_skipped for lesson in life.course.lessons
            )
        return self._usual_of_course[id_]

    def _of(self, life: PastLife, place: int) -> OfLesson:
        title = life.course.lessons[place].title
        if title not in self.lessons:
            self.lessons[title] = OfLesson(life, place, self.cohorts)
        return self.lessons[title]

    def _session(self, second: int) -> None:
        self.hours[(second - _MONDAY) % WEEK // HOUR] += 1

    def _enter(self, life: PastLife) -> None:
        """Counts with which lesson a learner began."""
        place = life.visits[0][1]
        self.leap_first.count(place > 2)
        if place <= 2:
            for before in range(place):
                self._of(life, before).skip.count(True)
            self._of(life, place).skip.count(False)

    def _visit(
        self, life: PastLife, second: int, where: Whereabouts, cohort: int, *, is_last: bool
    ) -> None:
        of = self._of(life, where.place)
        if not where.astray:
            of.stop[cohort].count(is_last)
        elif not of.at_end:
            _count(self.stop_astray, where.number, is_last)
        pressed = life.completed.get(where.place)
        (of.press_last if is_last else of.press).count(pressed is not None)
        if is_last and pressed is not None:
            self.dwells.append(max(0, pressed - second))

    def _way(self, life: PastLife, step: PastStep, where: Whereabouts) -> None:
        """Counts where a step led to."""
        returns = step.target < step.place
        if where.behind and step.place + 1 < len(where.opened):
            _count(self.returns, min(where.since, _TIRED), returns)
        elif where.behind:
            self.returns_last.count(returns)
        if returns:
            return
        _count(self.leap_astray if where.astray else self.leap, where.number, step.leaps)
        if step.leaps:
            self.jumps.append(step.target - step.place)
            return
        for place, skipped in [*((each, True) for each in step.skipped), (step.target, False)]:
            of = self._of(life, place)
            if of.title in self.often_skipped or not where.astray:
                of.skip.count(skipped)
            else:
                self.skip_astray.count(skipped)

    def _time(self, life: PastLife, step: PastStep, since: int, where: Whereabouts) -> None:
        pressed = life.completed.get(step.place)
        of = self._of(life, step.place)
        if self._waits(life, step, of, where.session):
            return
        of.pause.count(step.rests)
        if step.rests:
            rests = self.rests_across if of.ends_section else self.rests[where.rested]
            week = min(max(step.second - since, 0) // WEEK, _WEEKS - 1)
            rests[week].append((step.second, step.then))
            self._session(step.then)
            if pressed is not None:
                self.dwells.append(max(0, pressed - step.second))
        else:
            self.gaps.append(step.then - step.second)
            if pressed is not None:
                self.leads.append(max(0, step.then - pressed))

    def _due(self, life: PastLife, step: PastStep, of: OfLesson) -> int | None:
        """When the section is due for which a learner waits after this step; None for no wait."""
        if not of.ends_section or step.leaps or life.course.opens is None or not step.rests:
            return None
        due = life.course.opens + of.sections * DEFAULT_HABITS.plan
        return due if step.second < due <= step.then else None

    def _waits(self, life: PastLife, step: PastStep, of: OfLesson, session: int) -> bool:
        """Counts who is ahead of the plan, and tells who waits until the next section is due."""
        due = self._due(life, step, of)
        plan = (life.course.opens or 0) + of.sections * DEFAULT_HABITS.plan
        if of.ends_section and not step.leaps and step.second < plan:
            self.waits[session].count(due is not None)
        if due is None:
            return False
        self.lates.append((due, step.then))
        self._session(step.then)
        pressed = life.completed.get(step.place)
        if pressed is not None:
            self.dwells.append(max(0, pressed - step.second))
        return True


def often_skipped(lives: Iterable[PastLife]) -> frozenset[str]:
    """The titles of lessons that most learners who come by do not open."""
    counts: dict[str, Share] = {}
    for life in lives:
        for place, skipped in life.passed():
            counts.setdefault(life.course.lessons[place].title, Share()).count(skipped)
    return frozenset(title for title, share in counts.items() if 2 * share.some > share.all)


def _count(shares: list[Share], number: int, holds: bool) -> None:
    shares.extend(Share() for _ in range(number + 1 - len(shares)))
    shares[number].count(holds)
