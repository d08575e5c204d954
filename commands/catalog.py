"""Which noun decides each command."""

from typing import Any, get_args

from commands.accounts import ACCOUNTS, AccountCommand, RegisterAccount
from commands.attachments import ATTACHMENTS, AddAttachment, AttachmentCommand
from commands.base import Command, Decider
from commands.comments import COMMENTS, AddComment, CommentCommand
from commands.exports import EXPORTS, ExportCommand, RequestExport
from commands.inbox import (
    INBOX,
    NOTIFICATIONS,
    InboxCommand,
    ReadNotification,
    ReadNotifications,
    SetPreferences,
)
from commands.notes import NOTES, CreateNote, NoteCommand
from commands.overdue import OVERDUE, AnnounceOverdue, OverdueCommand, RemindOfOverdue
from commands.posts import POSTS, CreatePost, PostCommand
from commands.sessions import SESSIONS, OpenSession, SessionCommand
from commands.tags import TAGS, CreateTag, TagCommand
from commands.tasks import TASKS, CreateTask, TaskCommand
from commands.views import VIEWS, CountView
from commands.workspaces import WORKSPACES, CreateWorkspace, WorkspaceCommand

DECIDERS: dict[type[Command], Decider[Any]] = {
    **dict.fromkeys(get_args(AccountCommand), ACCOUNTS),
    **dict.fromkeys(get_args(SessionCommand), SESSIONS),
    **dict.fromkeys(get_args(WorkspaceCommand), WORKSPACES),
    **dict.fromkeys(get_args(TagCommand), TAGS),
    # before the tasks, which give their noun its meaning below
    **dict.fromkeys(get_args(OverdueCommand), OVERDUE),
    **dict.fromkeys(get_args(TaskCommand), TASKS),
    **dict.fromkeys(get_args(CommentCommand), COMMENTS),
    **dict.fromkeys(get_args(AttachmentCommand), ATTACHMENTS),
    **dict.fromkeys(get_args(NoteCommand), NOTES),
    **dict.fromkeys(get_args(PostCommand), POSTS),
    CountView: VIEWS,
    **dict.fromkeys(get_args(InboxCommand), INBOX),
    ReadNotification: NOTIFICATIONS,
    **dict.fromkeys(get_args(ExportCommand), EXPORTS),
}

# Their stream is new: it is not looked for, unless the append finds that it is there after all.
BEGINNING = frozenset(
    {
        RegisterAccount,
        OpenSession,
        CreateWorkspace,
        CreateTag,
        CreateTask,
        AddComment,
        AddAttachment,
        CreateNote,
        CreatePost,
        RequestExport,
        ReadNotification,
        ReadNotifications,
        SetPreferences,
        AnnounceOverdue,
        RemindOfOverdue,
    }
)

# Their stream may be new; that of the last is looked for all the same.
MAY_BEGIN = BEGINNING | {CountView}

NOUNS: dict[str, Decider[Any]] = {decider.noun: decider for decider in DECIDERS.values()}
