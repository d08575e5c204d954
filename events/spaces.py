"""Workspaces that the system itself keeps, and the account by which it acts."""

from uuid import UUID, uuid5

SYSTEM = UUID("8f0c5a5e-2f6b-5b0e-9c7a-6d1f0f6a2b11")


def shared_space(dialect: str) -> UUID:
    """The one workspace that everybody who registers through a dialect joins."""
    return uuid5(SYSTEM, f"workspace:{dialect}")
