"""For your own tests: a naive model, strategies, a state machine, fault injection, a fake.

What needs hypothesis (the extra ``testing``) is imported by its own name:
``coursetrack.testing.strategies`` and ``coursetrack.testing.machine``.
"""

from coursetrack.testing.fake.fake import Answer, Call, FakeNexudus, Seen
from coursetrack.testing.faults import (
    InjectedFault,
    cut_off,
    cut_off_everywhere,
    cut_off_twice,
    executed_lines,
    executed_places,
)
from coursetrack.testing.model.model import Model

__all__ = [
    "Answer",
    "Call",
    "FakeNexudus",
    "InjectedFault",
    "Model",
    "Seen",
    "cut_off",
    "cut_off_everywhere",
    "cut_off_twice",
    "executed_lines",
    "executed_places",
]
