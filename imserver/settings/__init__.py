"""Settings: `base` holds everything; `dev`, `test` and `prod` change a few lines each."""
