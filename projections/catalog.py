"""Every projection."""

from projections.accounts import ACCOUNTS
from projections.activity import ACTIVITY
from projections.attachments import ATTACHMENTS
from projections.comments import COMMENTS
from projections.exports import EXPORTS
from projections.inbox import INBOX
from projections.notes import NOTES
from projections.posts import POSTS
from projections.search import SEARCH
from projections.table import Projection
from projections.tasks import TASKS
from projections.workspaces import WORKSPACES

PROJECTIONS: tuple[Projection, ...] = (
    ACCOUNTS,
    WORKSPACES,
    TASKS,
    COMMENTS,
    ATTACHMENTS,
    NOTES,
    POSTS,
    INBOX,
    EXPORTS,
    SEARCH,
    ACTIVITY,
)
