"""What TaskFlow's clients send, checked as it checked it."""

from typing import Annotated

from pydantic import EmailStr, Field

from gateway.dialects.fastapi import Wire

# As wide as its columns were; what was longer was an internal error there.
Line = Annotated[str, Field(min_length=1, max_length=255)]
Priority = Annotated[str, Field(pattern="^(low|medium|high)$")]
Status = Annotated[str, Field(pattern="^(pending|in_progress|completed)$")]
Search = Annotated[str, Field(min_length=1)]
# Its frontend sends the names of its manual, which its server passed over: so also when empty.
PriorityAsked = Annotated[str, Field(pattern="^(low|medium|high)?$")]
StatusAsked = Annotated[str, Field(pattern="^(pending|in_progress|completed)?$")]
Category = Annotated[str, Field(max_length=50)]
Content = Annotated[str, Field(min_length=1)]
PostStatus = Annotated[str, Field(pattern="^(draft|published|archived)$")]
PostStatusAsked = Annotated[str, Field(pattern="^(draft|published|archived)?$")]
Tags = list[Annotated[str, Field(max_length=255)]]


class Signup(Wire):
    email: EmailStr
    password: Annotated[str, Field(min_length=6)]
    full_name: Line


class Login(Wire):
    email: EmailStr
    password: str


class ProfileChanges(Wire):
    """Null leaves a field as it is."""

    full_name: Annotated[str, Field(max_length=255)] | None = None
    email: EmailStr | None = None


class NewTask(Wire):
    """Null for an optional field means its default."""

    title: Line
    description: str | None = None
    priority: Priority | None = None


class TaskChanges(Wire):
    """Null leaves a field as it is."""

    title: Line | None = None
    description: str | None = None
    status: Status | None = None
    priority: Priority | None = None


class TaskQuery(Wire):
    """Each filter by the name in the manual, or by the one that the server knew."""

    status: StatusAsked | None = None
    status_filter: Status | None = None
    priority: PriorityAsked | None = None
    priority_filter: Priority | None = None
    search: Search | None = None


class NewNote(Wire):
    """Null for an optional field means its default."""

    title: Line
    content: str | None = None
    category: Category | None = None


class NoteChanges(Wire):
    """Null leaves a field as it is."""

    title: Line | None = None
    content: str | None = None
    category: Category | None = None
    is_favorite: bool | None = None


class NoteQuery(Wire):
    """The category by the name in the manual, or by the one that the server knew."""

    category: str | None = None
    category_filter: str | None = None
    is_favorite: bool | None = None
    search: Search | None = None


class NewPost(Wire):
    """Null for an optional field means its default."""

    title: Line
    content: Content
    status: PostStatus | None = None
    tags: Tags | None = None


class PostChanges(Wire):
    """Null leaves a field as it is; tags replace those that were there."""

    title: Line | None = None
    content: Content | None = None
    status: PostStatus | None = None
    tags: Tags | None = None


class PostQuery(Wire):
    """The status by the name in the manual, or by the one that the server knew."""

    status: PostStatusAsked | None = None
    status_filter: PostStatus | None = None
    search: Search | None = None
