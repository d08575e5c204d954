"""What every stored fact has in common."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened, in the past tense; its fields are what was decided.

    `class_version` goes up when the fields change shape; `events.topics.UPCASTS` then says how
    an older state becomes the current one.
    """

    class_version: ClassVar[int] = 1


def edits_of(fact: Fact) -> dict[str, Any]:
    """The fields that the fact sets, of one whose other fields are UNSET."""
    fields = msgspec.structs.asdict(fact)
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}


Text = Annotated[str, msgspec.Meta(min_length=1)]
Role = Literal["owner", "admin", "member", "viewer"]
Priority = Literal["low", "medium", "high", "urgent"]
