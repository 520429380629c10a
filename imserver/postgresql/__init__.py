"""Django's PostgreSQL backend, with migrations that do not prepare their statements."""
