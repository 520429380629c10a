"""A project of one's own around the server: three lines of settings and one of urls."""
