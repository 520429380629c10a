"""The project that assembles the apps: settings, URLs, embedded PostgreSQL. Nobody imports it."""
