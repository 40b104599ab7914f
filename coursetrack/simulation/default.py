"""Habits to begin with, where there is no log to count in."""

from coursetrack.simulation.habits import Cohort, Habits
from coursetrack.simulation.shapes import Quantiles, Rhythm

_WORKING = (2, 2, 2, 2, 2, 2, 3, 4, 4, 5, 6, 6, 6, 6, 7, 6, 6, 5, 5, 5, 4, 4, 3, 2)
_DAYS = (21, 17, 15, 14, 13, 10, 10)

DEFAULT_HABITS = Habits(
    cohorts=(
        Cohort(
            until=0,
            starts=0.35,
            delay=Quantiles((600, 20_000, 60_000, 200_000, 600_000, 3_000_000)),
            stop=(0.06, 0.03, 0.05, 0.04, 0.04, 0.03, 0.02, 0.02, 0.02, 0.02, 0.01),
            stop_across=(0.06,),
        ),
        Cohort(
            until=None,
            starts=0.85,
            delay=Quantiles((0, 0, 0, 0, 60, 600, 400_000)),
            stop=(0.3, 0.06, 0.12, 0.08, 0.1, 0.06, 0.04, 0.03, 0.05, 0.03, 0.02, 0.02, 0.015),
            stop_across=(0.12,),
        ),
    ),
    skip=0.004,
    skip_astray=0.02,
    leap=(0.06, 0.011, 0.008, 0.007, 0.01, 0.006, 0.004, 0.003, 0.002, 0.001),
    leap_astray=(0.1, 0.1, 0.08, 0.06, 0.05, 0.04, 0.04, 0.03, 0.02, 0.02),
    leap_first=0.02,
    jumps=(3, 3, 4, 5, 6, 8, 12, 18, 30, 45),
    returns=(0.4, 0.23, 0.15, 0.1, 0.09, 0.06, 0.06, 0.05, 0.04),
    returns_last=0.5,
    stop_astray=(0.3, 0.25, 0.2, 0.11, 0.1, 0.09, 0.06, 0.06, 0.05, 0.04, 0.04, 0.03, 0.03, 0.02),
    press=0.93,
    press_last=0.3,
    pause=0.11,
    pause_across=0.46,
    tiring_across=((0.6,), (0.9,), (1.0,), (1.1,), (1.3,)),
    waits=(0.2, 0.5, 0.5, 0.5, 0.5),
    late=Quantiles((0, 20_000, 30_000, 40_000, 50_000, 70_000, 120_000, 300_000, 600_000, 1.5e6)),
    tiring=(
        (2.0, 0.6, 1.2, 0.8, 1.1, 0.8, 0.5, 0.5, 0.9, 0.5, 0.4),
        (1.3, 1.2, 1.1, 1.1, 0.9, 0.8, 0.6, 0.9, 0.6, 0.7, 0.5),
        (1.6, 1.3, 1.3, 1.2, 1.2, 1.1, 0.9, 0.8, 1.0, 0.9, 0.6),
        (1.8, 1.5, 1.4, 1.3, 1.4, 1.2, 1.2, 1.0, 1.2, 0.9, 0.7),
        (2.5, 2.1, 1.8, 2.0, 2.0, 1.6, 1.6, 1.5, 1.4, 1.3, 0.9),
    ),
    gap=Quantiles((3, 15, 35, 65, 100, 150, 230, 370, 620, 1_000, 1_800)),
    rest=(
        Quantiles((1_800, 4_000, 12_000, 50_000, 80_000, 100_000, 200_000, 400_000, 800_000, 3e6)),
        Quantiles((1_800, 4_000, 10_000, 45_000, 80_000, 90_000, 170_000, 300_000, 600_000, 2e6)),
        Quantiles((1_800, 4_000, 9_000, 40_000, 70_000, 85_000, 160_000, 250_000, 550_000, 1.5e6)),
        Quantiles((1_800, 4_000, 8_000, 30_000, 60_000, 80_000, 150_000, 200_000, 400_000, 1e6)),
        Quantiles((1_800, 3_000, 6_000, 12_000, 25_000, 60_000, 80_000, 120_000, 240_000, 6e5)),
    ),
    rest_across=(
        Quantiles((3_000, 20_000, 80_000, 150_000, 250_000, 430_000, 560_000, 650_000, 1e6, 3e6)),
        Quantiles((3_000, 20_000, 70_000, 120_000, 200_000, 300_000, 450_000, 600_000, 8e5, 2e6)),
    ),
    lead=Quantiles((0, 2, 2, 3, 3, 4, 6, 12, 60, 600)),
    dwell=Quantiles((3, 20, 60, 110, 160, 260, 420, 700, 1_500, 40_000)),
    rhythm=Rhythm([day * hour for day in _DAYS for hour in _WORKING]),
    score=Quantiles((0, 0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1, 1)),
    coverage=Quantiles((0, 0.05, 0.1, 0.2, 0.37, 0.6, 0.85, 0.95, 0.997, 1, 1)),
)
"""Round figures, read off six runs of one online course that anybody could join, and for videos
off one more; scores and patience are assumptions. A course that people must take is another matter,
so calibrate where you can."""
