"""What is written to whom about an event, if it still concerns them?"""

import html
import re
from datetime import UTC, date, datetime
from typing import Protocol
from uuid import UUID

import msgspec

from commands.accounts import ACCOUNTS
from commands.comments import COMMENTS, Comment
from commands.handler import Handler
from commands.inbox import INBOX
from commands.state_of_tasks import Task
from commands.tasks import TASKS
from commands.workspaces import WORKSPACES
from events.envelope import Recorded
from events.moments import is_overdue
from events.notices import Notice, inbox_of, notices_of, told
from gateway.resources.markdown import render

_FOOTER = "You get this because it concerns you. Your notification preferences say what is mailed."

_HEAD = """<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<style>body { font-family: sans-serif; overflow-wrap: anywhere }
pre { white-space: pre-wrap }</style>
</head>"""
_QUOTED = 4_000
_JOINERS = "\u200c\u200d"
_ADDRESS = re.compile(r"""[^\s@,:;<>()\[\]\\"]+@[^\s@,:;<>()\[\]\\"]+""")


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    to: str
    subject: str
    text: str
    html: str
    message_id: str


class Reader(Protocol):
    async def after(
        self, position: int, *, limit: int = 500, up_to: int | None = None
    ) -> list[Recorded]: ...


class Mails:
    """Everything is looked up on the log when it is sent: membership, preferences, the texts."""

    def __init__(
        self,
        *,
        handler: Handler,
        reader: Reader,
        log_id: UUID,
        domain: str,
        task_url: str | None = None,
    ) -> None:
        """`task_url` says where a frontend shows a task; without it there is no link."""
        self._task_url = task_url
        self._handler = handler
        self._reader = reader
        self._log_id = log_id
        self._domain = domain

    async def compose(self, position: int, account: UUID) -> Mail | None:
        """None where it does not concern the account, or not any more."""
        [recorded] = await self._reader.after(position - 1, limit=1)
        notice = next((n for n in notices_of(recorded) if n.account == account), None)
        if notice is None or not await self._wanted(notice, recorded):
            return None
        comment = await self._comment(notice)
        task_id = notice.task or (comment.task if comment else None)
        if task_id is None or (comment and comment.deleted):
            return None
        task = (await self._handler.load(task_id, TASKS)).state
        if not await self._still_concerns(notice, task, recorded.owner):
            return None
        link = self._link(task_id, recorded.owner)
        return await self._mail(notice, recorded, task, comment, link)

    async def _wanted(self, notice: Notice, recorded: Recorded) -> bool:
        workspace = await self._handler.load(recorded.owner, WORKSPACES)
        inbox = await self._handler.load(inbox_of(notice.account), INBOX)
        return notice.account in workspace.state.members and inbox.state.wants(notice.kind, "mail")

    async def _comment(self, notice: Notice) -> Comment | None:
        if notice.comment is None:
            return None
        return (await self._handler.load(notice.comment, COMMENTS)).state

    async def _still_concerns(self, notice: Notice, task: Task, workspace: UUID) -> bool:
        if not task.exists or task.deleted_at is not None:
            return False
        if notice.kind == "assigned":
            return task.assignee == notice.account
        if notice.kind == "overdue":
            zone = (await self._handler.load(workspace, WORKSPACES)).state.time_zone
            return is_overdue(task.status, task.due_on, task.due_at, zone, self._handler.now())
        return True

    def _link(self, task: UUID, workspace: UUID) -> str | None:
        if self._task_url is None:
            return None
        return self._task_url.replace("{task}", str(task)).replace("{workspace}", str(workspace))

    async def _mail(
        self,
        notice: Notice,
        recorded: Recorded,
        task: Task,
        comment: Comment | None,
        link: str | None,
    ) -> Mail | None:
        reader = (await self._handler.load(notice.account, ACCOUNTS)).state
        if not is_one_address(reader.email) or not reader.active:
            return None
        who = None
        if recorded.actor is not None:
            who = (await self._handler.load(recorded.actor, ACCOUNTS)).state.full_name
        line = told(notice.kind, who, task.title)
        quoted = _shortened(comment.content if comment else task.description or "")
        due = moment_told(task.due_on, task.due_at)
        return Mail(
            to=reader.email,
            subject=one_line(line),
            text=_text(reader.full_name, line, quoted, due, link),
            html=as_html(reader.full_name, line, quoted, due, link),
            message_id=f"{self._log_id}.{recorded.position}.{notice.account}@{self._domain}",
        )


def is_one_address(email: str) -> bool:
    """Some older systems took any text as an e-mail; a header would take several in one."""
    return email.isprintable() and _ADDRESS.fullmatch(email) is not None


def _text(name: str, line: str, quoted: str, due: str | None, link: str | None) -> str:
    parts = [f"Hello {name},", f"{line}."]
    if quoted:
        parts.append("\n".join(f"> {each}" for each in quoted.splitlines()))
    if due:
        parts.append(f"Due: {due}")
    if link:
        parts.append(link)
    return "\n\n".join([*parts, f"-- \n{_FOOTER}"]) + "\n"


def as_html(name: str, line: str, quoted: str, due: str | None, link: str | None) -> str:
    parts = [f"<p>Hello {html.escape(name)},</p>", f"<p>{html.escape(line)}.</p>"]
    if quoted:
        parts.append(f'<blockquote dir="auto">{render(quoted)}</blockquote>')
    if due:
        parts.append(f"<p>Due: {html.escape(due)}</p>")
    if link:
        parts.append(f'<p><a href="{html.escape(link)}">Open the task</a></p>')
    parts.append(f"<p><small>{_FOOTER}</small></p>")
    body = "\n".join(parts)
    return f"<!doctype html>\n<html>{_HEAD}<body>\n{body}\n</body></html>\n"


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTED else text[:_QUOTED] + " …"


def one_line(text: str) -> str:
    """A header ends where its line does. What joins letters and emoji stays, though it does not
    print."""
    kept = (c if c.isprintable() or c in _JOINERS else " " for c in text)
    return " ".join("".join(kept).split())


def moment_told(on: date | None, at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else on.isoformat() if on else None
