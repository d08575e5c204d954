"""What the lock file has for Pythons older than 3.11.3, which `python_for` may find."""

from asyncio import timeout

__all__ = ["timeout"]
