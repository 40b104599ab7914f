"""A state machine that drives a tracker, or whatever answers like one, beside the naive model.

In one line, in your own tests::

    def test_my_service() -> None:
        check_tracker(lambda: MyAdapter(MyService()))

or, where the service needs more care, as a class::

    class MyMachine(TrackerMachine):
        features = TrackerMachine.features - {Feature.FORKS}

        def make_tracker(self) -> MyAdapter: ...
        def make_model(self) -> Model: ...
        def restart(self, tracker: MyAdapter) -> MyAdapter: ...

    TestMyService = MyMachine.TestCase

Needs the extra ``testing``: ``pip install coursetrack[testing]``.
"""

from coursetrack.testing.machine.machine import TrackerMachine, check_tracker
from coursetrack.testing.machine.step import SIZE, Feature

__all__ = ["SIZE", "Feature", "TrackerMachine", "check_tracker"]
