"""A diary of each app: who registered, who came and went, what was said when."""
