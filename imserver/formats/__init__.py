"""How dates and times look in every language: ISO 8601, to the second, which sorts and can be pasted."""
