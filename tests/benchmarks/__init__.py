"""What the server does in a second, beside what its PostgreSQL could do at best: `make bench`."""
