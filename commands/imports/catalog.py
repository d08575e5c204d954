"""The older systems whose rows can move in, by the names of their dialects."""

from commands.imports.items import correlation_of
from commands.imports.phase3 import PHASE3
from commands.imports.tables import OldSystem
from commands.imports.taskflow import TASKFLOW
from commands.imports.taskhub import TASKHUB
from commands.imports.taskmanager import TASKMANAGER
from commands.imports.todo import TODO

SYSTEMS: dict[str, OldSystem] = {
    system.name: system for system in (TASKFLOW, TODO, TASKHUB, PHASE3, TASKMANAGER)
}

MOVED_IN = frozenset(correlation_of(name) for name in SYSTEMS)
