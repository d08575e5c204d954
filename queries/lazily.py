"""How is a large library loaded by the first request that needs it, and by no other process?"""

from importlib import import_module
from typing import Any


class Lazily:
    """Stands for a module. polars and altair take 70 MB between them, and most processes of an
    API never draw a chart."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
