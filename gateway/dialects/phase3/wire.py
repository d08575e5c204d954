"""What Phase 3's clients send, checked as Phase 3 checked it."""

from typing import Annotated, Literal, Self

from pydantic import EmailStr, Field, model_validator

from gateway.dialects.fastapi import Wire

Priority = Literal["low", "medium", "high"]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Description = Annotated[str, Field(max_length=1000)]


class Register(Wire):
    email: EmailStr
    name: Annotated[str, Field(min_length=1, max_length=255)]
    password: Annotated[str, Field(min_length=6, max_length=100)]
    confirm_password: Annotated[str, Field(examples=["correct horse battery"])]

    @model_validator(mode="after")
    def _typed_twice_alike(self) -> Self:
        if self.password != self.confirm_password:
            raise ValueError("Passwords do not match")
        return self


class Login(Wire):
    email: EmailStr
    password: str


class NewTask(Wire):
    title: Title
    description: Description | None = None
    completed: bool = False
    priority: Priority = "medium"


class TaskChanges(Wire):
    """Only what is sent changes; null clears the description and is wrong for the rest."""

    title: Title | None = None
    description: Description | None = None
    completed: bool | None = None
    priority: Priority | None = None

    @property
    def spoilt(self) -> bool:
        """Whether it would leave a task without what every task has."""
        needed = self.model_fields_set & {"title", "completed", "priority"}
        return any(getattr(self, name) is None for name in needed)


class TaskQuery(Wire):
    """What its frontend sends beside `skip` and `limit`; words that mean nothing are ignored."""

    skip: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=0)] = 100
    status: str | None = None
    priority: str | None = None
    search: str | None = None
