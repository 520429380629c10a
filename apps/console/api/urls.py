"""Paths of statistics. Each once, without a trailing slash: `apps.core.middleware` takes both."""

from django.urls import path

from apps.console.api.views import StatisticViewSet

v2 = [
    path("statistic/users", StatisticViewSet.as_view({"get": "users"})),
    path("statistic/messages", StatisticViewSet.as_view({"get": "messages"})),
    path("statistic/groups", StatisticViewSet.as_view({"get": "groups"})),
]
