"""The console's own writes."""
