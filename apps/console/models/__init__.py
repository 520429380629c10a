"""What the console keeps of its own: figures rolled up from the log."""

from apps.console.models.rollup import Change, ChangeKind, Rollup
from apps.console.models.statistic import (
    Activity,
    ActivityKind,
    DailyStatistic,
    Figures,
    HourlyStatistic,
)

__all__ = [
    "Activity",
    "ActivityKind",
    "Change",
    "ChangeKind",
    "DailyStatistic",
    "Figures",
    "HourlyStatistic",
    "Rollup",
]
