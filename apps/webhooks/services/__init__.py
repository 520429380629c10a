"""The writes of webhooks."""
