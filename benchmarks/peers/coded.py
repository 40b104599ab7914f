"""The workload without joins: names as codes in the order in which texts compare.

What column stores and object tables do best with. Text filters are resolved among the distinct
texts, once each, to the codes that match; None has the lowest code.
"""

from collections.abc import Callable, Iterable, Sequence

from benchmarks.peers.engine import AnswerRow
from benchmarks.workload import Completion, Workload
from coursetrack.domain.folding import folded, folded_teams
from coursetrack.listing.query import CompletedLessonQuery

CODED = ("title", "name", "company", "teams")
"""The columns that hold codes, besides id, lesson, member, created and updated."""

COLUMN_OF_ORDER = {
    "Id": "id",
    "CourseLessonId": "lesson",
    "CourseLessonTitle": "title",
    "CourseMemberId": "member",
    "CourseMemberCoworkerFullName": "name",
    "CourseMemberCoworkerCompanyName": "company",
    "CourseMemberCoworkerTeamNames": "teams",
    "CreatedOn": "created",
    "UpdatedOn": "updated",
}


class Texts:
    """Distinct folded texts, each with the place it sorts to."""

    def __init__(self, shown: Iterable[str | None], fold: Callable[[str], str]) -> None:
        self._fold = fold
        distinct = {None if text is None else fold(text) for text in shown}
        ordered = sorted(distinct, key=lambda text: (text is not None, text or ""))
        self._codes = {text: code for code, text in enumerate(ordered)}

    def code(self, text: str | None) -> int:
        """The code of a shown text."""
        return self._codes[None if text is None else self._fold(text)]

    def matching(self, wanted: str, match: str) -> list[int]:
        """The codes of the texts that a filter matches."""
        text = self._fold(wanted)
        if match == "exact":
            return [self._codes[text]] if text in self._codes else []
        return [code for held, code in self._codes.items() if held is not None and text in held]


class Coder:
    """Codes completions, and shows coded ones as answer rows."""

    def __init__(self, workload: Workload) -> None:
        people = workload.coworkers
        self._titles = [lesson.title for lesson in workload.lessons]
        self._people = [workload.coworker_of[member.id] for member in workload.members]
        self.texts = {
            "title": Texts(self._titles, folded),
            "name": Texts((who.full_name for who in people), folded),
            "company": Texts((who.company_name for who in people), folded),
            "teams": Texts((who.teams_text for who in people), folded_teams),
        }
        self._title_codes = [self.texts["title"].code(title) for title in self._titles]
        self._people_codes = [
            (
                self.texts["name"].code(who.full_name),
                self.texts["company"].code(who.company_name),
                self.texts["teams"].code(who.teams_text),
            )
            for who in self._people
        ]

    def codes(self, completion: Completion) -> tuple[int, int, int, int]:
        """The codes of title, name, company and teams of a completion."""
        return self._title_codes[completion[1] - 1], *self._people_codes[completion[2] - 1]

    def columns(self, workload: Workload) -> dict[str, Sequence[int]]:
        """Every column of the workload by its name."""
        coded = zip(*map(self.codes, workload.rows()), strict=True)
        return {
            "id": range(1, len(workload) + 1),
            "lesson": workload.lesson_ids,
            "member": workload.member_ids,
            "created": workload.created,
            "updated": workload.updated,
            **dict(zip(CODED, coded, strict=True)),
        }

    def shown(self, completions: Iterable[Completion]) -> list[AnswerRow]:
        """The completions with their names."""
        titles, people = self._titles, self._people
        return [
            (
                id_,
                lesson,
                titles[lesson - 1],
                member,
                (who := people[member - 1]).full_name,
                who.company_name,
                who.teams_text,
                created,
                updated,
            )
            for id_, lesson, member, created, updated in completions
        ]

    def matched(self, query: CompletedLessonQuery) -> dict[str, list[int]]:
        """For each text filter of the query, the codes of its column that match."""
        wanted = {
            "title": query.lesson_title,
            "name": query.full_name,
            "company": query.company_name,
            "teams": query.team_names,
        }
        return {
            column: self.texts[column].matching(text, query.text_match)
            for column, text in wanted.items()
            if text is not None
        }
