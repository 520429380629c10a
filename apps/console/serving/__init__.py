"""The server processes under `manage.py serve`: a supervisor, and the workers it looks after."""

from apps.console.serving.options import add_options, plan_of
from apps.console.serving.plan import ServingPlan, address_in_use
from apps.console.serving.servers import SERVERS, serve

__all__ = ["SERVERS", "ServingPlan", "add_options", "address_in_use", "plan_of", "serve"]
