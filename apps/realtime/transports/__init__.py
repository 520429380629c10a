"""Ways to follow the log. Each turns bytes into calls, and rows into bytes; nothing more."""
