"""An add-on as somebody outside this project would write it, and the project that installs it.

`diary` is the Django app; `project` is the settings and urls of who runs it. docs/extending.md walks through
both. Nothing in `apps` or `imserver` knows of them.
"""
