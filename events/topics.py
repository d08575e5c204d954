"""The names under which facts are stored: final once stored, and never Python paths."""

from collections.abc import Callable

from events import accounts, attachments, comments, exports, inbox, tags, tasks, workspaces
from events.base import Fact
from events.envelope import Json

TOPICS: dict[str, type[Fact]] = {
    "account.registered": accounts.AccountRegistered,
    "account.profile_changed": accounts.ProfileChanged,
    "account.email_changed": accounts.EmailChanged,
    "account.password_changed": accounts.PasswordChanged,
    "session.opened": accounts.SessionOpened,
    "session.refreshed": accounts.SessionRefreshed,
    "session.revoked": accounts.SessionRevoked,
    "workspace.created": workspaces.WorkspaceCreated,
    "workspace.renamed": workspaces.WorkspaceRenamed,
    "workspace.time_zone_changed": workspaces.TimeZoneChanged,
    "workspace.member_added": workspaces.MemberAdded,
    "workspace.member_role_changed": workspaces.MemberRoleChanged,
    "workspace.member_removed": workspaces.MemberRemoved,
    "workspace.member_left": workspaces.MemberLeft,
    "tag.created": tags.TagCreated,
    "tag.renamed": tags.TagRenamed,
    "tag.recoloured": tags.TagRecoloured,
    "tag.deleted": tags.TagDeleted,
    "task.created": tasks.TaskCreated,
    "task.edited": tasks.TaskEdited,
    "task.started": tasks.TaskStarted,
    "task.completed": tasks.TaskCompleted,
    "task.reopened": tasks.TaskReopened,
    "task.assigned": tasks.TaskAssigned,
    "task.unassigned": tasks.TaskUnassigned,
    "task.tagged": tasks.TaskTagged,
    "task.untagged": tasks.TaskUntagged,
    "task.fell_overdue": tasks.TaskFellOverdue,
    "task.deleted": tasks.TaskDeleted,
    "task.restored": tasks.TaskRestored,
    "comment.added": comments.CommentAdded,
    "comment.edited": comments.CommentEdited,
    "comment.deleted": comments.CommentDeleted,
    "attachment.added": attachments.AttachmentAdded,
    "attachment.removed": attachments.AttachmentRemoved,
    "notification.read": inbox.NotificationRead,
    "inbox.all_read": inbox.NotificationsRead,
    "inbox.preference_set": inbox.NotificationPreferenceSet,
    "export.requested": exports.ExportRequested,
    "export.completed": exports.ExportCompleted,
    "export.failed": exports.ExportFailed,
    "export.cancelled": exports.ExportCancelled,
    "export.expired": exports.ExportExpired,
}

Upcast = Callable[[Json], Json]
# (topic, version it reads) -> the state one version later.
UPCASTS: dict[tuple[str, int], Upcast] = {}

TOPIC_OF: dict[type[Fact], str] = {fact: topic for topic, fact in TOPICS.items()}
