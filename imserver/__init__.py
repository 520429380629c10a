"""The project that assembles the apps: settings, URLs, servers and the embedded PostgreSQL. Nobody imports it."""
