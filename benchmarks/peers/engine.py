"""What an engine of the query benchmark is: built once, then asked and written to."""

from typing import Any, Protocol

from benchmarks.workload import Completion, Workload
from coursetrack.listing.query import CompletedLessonQuery

AnswerRow = tuple[Any, ...]
"""Id, lesson id, title, member id, full name, company, teams, created, updated (microseconds)."""

Answer = tuple[int, list[AnswerRow]]
"""The exact total, and the page's rows."""


class Engine(Protocol):
    """One way to hold the completions. `ask` alone is timed."""

    name: str
    takes_writes: bool
    """Whether `write` is supported: a static engine would have to be built again."""

    def build(self, workload: Workload) -> None:
        """Takes in the whole workload."""

    def prepare(self, query: CompletedLessonQuery) -> Any:
        """The query in the engine's own form; asking starts from this."""

    def ask(self, prepared: Any) -> Any:
        """The total and the page's rows as the engine's own values."""

    def answer(self, asked: Any) -> Answer:
        """What `ask` returned, in the form that is compared."""

    def write(self, completion: Completion) -> None:
        """Adds one completion."""

    def forget(self) -> None:
        """Drops what was kept from earlier answers, if the engine keeps any."""
