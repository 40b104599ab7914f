"""Learners who behave, on the same engine: what would happen, and what will.

Start with :class:`Study`.
"""

from coursetrack.simulation.announcements import Announcement
from coursetrack.simulation.backtest import backtest
from coursetrack.simulation.behaviours import (
    Behaviour,
    Events,
    Finisher,
    Mixture,
    Sampler,
    StepByStep,
)
from coursetrack.simulation.calibrate import calibrate
from coursetrack.simulation.default import DEFAULT_HABITS
from coursetrack.simulation.draws import Draws, Uniforms
from coursetrack.simulation.estimates import Estimate
from coursetrack.simulation.facts import Distance, Facts, distance, facts
from coursetrack.simulation.habits import Cohort, Habits, LessonHabits, Miss
from coursetrack.simulation.outlines import CourseOutline, History, Learner, Step, instant
from coursetrack.simulation.replication import Life, histories
from coursetrack.simulation.results import Comparison, Forecast, Funnel, LessonEstimate, Load
from coursetrack.simulation.shapes import Quantiles, Rhythm
from coursetrack.simulation.streams import by_member, in_order
from coursetrack.simulation.study import Study

__all__ = [
    "DEFAULT_HABITS",
    "Announcement",
    "Behaviour",
    "Cohort",
    "Comparison",
    "CourseOutline",
    "Distance",
    "Draws",
    "Estimate",
    "Events",
    "Facts",
    "Finisher",
    "Forecast",
    "Funnel",
    "Habits",
    "History",
    "Learner",
    "LessonEstimate",
    "LessonHabits",
    "Life",
    "Load",
    "Miss",
    "Mixture",
    "Quantiles",
    "Rhythm",
    "Sampler",
    "Step",
    "StepByStep",
    "Study",
    "Uniforms",
    "backtest",
    "by_member",
    "calibrate",
    "distance",
    "facts",
    "histories",
    "in_order",
    "instant",
]
