"""The home page: cards with a figure each, and charts, which Django apps put there.

`@home_card` and `@home_chart` register a function of the request and the apps that are looked at. It is
called whenever the page is opened, so it reads a few rows, an estimate or a roll-up, never a large table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from apps.core.models import App


@dataclass(frozen=True, kw_only=True)
class Card:
    """A figure. `url` is where one sees what it counts; `icon` a name of Material Symbols."""

    title: str | Promise
    value: object
    note: str | Promise = ""
    url: str = ""
    icon: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line, or one colour of bars. `colour` is a custom property of the stylesheet."""

    title: str | Promise
    values: Sequence[float]
    colour: str = "--color-primary-600"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart over time: a label for each value of each series. `kind` is `bar` or `line`."""

    title: str | Promise
    labels: Sequence[str]
    series: Sequence[Series]
    kind: str = "bar"

    @property
    def data(self) -> str:
        """As Chart.js takes it."""
        datasets = [
            {
                "label": str(series.title),
                "data": list(series.values),
                "borderColor": f"var({series.colour})",
                "backgroundColor": f"var({series.colour})",
                "borderWidth": 2 if self.kind == "line" else 0,
                "borderRadius": 2,
                "pointRadius": 0,
                "tension": 0.3,
            }
            for series in self.series
        ]
        return json.dumps({"labels": list(self.labels), "datasets": datasets}, ensure_ascii=False)

    @property
    def options(self) -> str:
        """Of the chart: a legend where there are several series, and few words on the axes."""
        tick = {"color": "#6b7280", "maxRotation": 0}
        chosen: dict[str, Any] = {
            "animation": False,
            "maintainAspectRatio": False,
            "interaction": {"mode": "index", "intersect": False},
            "plugins": {
                "legend": {
                    "display": len(self.series) > 1,
                    "align": "end",
                    "labels": {"boxWidth": 8, "boxHeight": 8, "color": "#6b7280"},
                },
            },
            "scales": {
                "x": {
                    "border": {"display": False},
                    "grid": {"display": False},
                    "ticks": {**tick, "autoSkip": True, "maxTicksLimit": 8},
                },
                "y": {
                    "beginAtZero": True,
                    "suggestedMax": 4,
                    "border": {"display": False},
                    "ticks": {**tick, "maxTicksLimit": 5, "precision": 0},
                },
            },
        }
        return json.dumps(chosen)

    @property
    def rows(self) -> list[tuple[str, list[float]]]:
        """The same as a table, for those who can't see a drawing."""
        columns = [series.values for series in self.series]
        return [
            (label, [values[place] for values in columns])
            for place, label in enumerate(self.labels)
        ]


CardMaker = Callable[[HttpRequest, list[App]], Card | None]
ChartMaker = Callable[[HttpRequest, list[App]], Chart | None]
_card_makers: list[tuple[int, CardMaker]] = []
_chart_makers: list[ChartMaker] = []


def home_card(*, place: int = 100) -> Callable[[CardMaker], CardMaker]:
    """Register a maker of a card; cards are in the order of `place`. None: nothing for this operator.

    A maker checks the operator's permission for what it tells; the apps are theirs to see.
    """

    def register(maker: CardMaker) -> CardMaker:
        _card_makers.append((place, maker))
        _card_makers.sort(key=lambda placed: placed[0])
        return maker

    return register


def home_chart(maker: ChartMaker) -> ChartMaker:
    """Register a maker of a chart, as `home_card` does."""
    _chart_makers.append(maker)
    return maker


def cards_of(request: HttpRequest, apps: list[App]) -> list[Card]:
    """The cards for this operator and these apps."""
    made = (maker(request, apps) for _place, maker in _card_makers)
    return [card for card in made if card is not None]


def charts_of(request: HttpRequest, apps: list[App]) -> list[Chart]:
    """The charts for this operator and these apps."""
    made = (maker(request, apps) for maker in _chart_makers)
    return [chart for chart in made if chart is not None]
