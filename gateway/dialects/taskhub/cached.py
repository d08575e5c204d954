"""How long answers about the shared workspace hold at most."""

from datetime import timedelta

TASKS = timedelta(seconds=60)
ANALYTICS = timedelta(seconds=120)
