"""Which problems there are, and what each means to whoever gets it?"""

from collections.abc import Mapping

import msgspec


class ProblemDescription(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is the one it comes with; `description` says what to do."""

    code: str
    status: int
    description: str


_TABLE: tuple[tuple[str, int, str], ...] = (
    # the request as such
    ("malformed", 400, "The request or its JSON body cannot be read."),
    ("bad-host", 400, "Send exactly one Host header with a host name."),
    ("bad-text", 400, "Text may have neither NUL nor lone surrogates; `field` says where."),
    ("duplicate-member", 400, "A member stands more than once in a JSON object."),
    ("repeated-header", 400, "A header stands more than once of which one is taken."),
    ("too-deep", 400, "The JSON is nested deeper than 32 levels."),
    ("too-long", 400, "An array has more than 1 000 items."),
    ("ahead", 400, "`min_position` is beyond the head of the log."),
    ("disconnected", 400, "The client hung up before its request was complete."),
    ("method-not-allowed", 405, "`Allow` lists the methods of this path."),
    ("too-slow", 408, "The request took too long: to arrive (408), or to answer here (503)."),
    ("too-large", 413, "The body, or what it would append, is too large."),
    ("url-too-long", 414, "The URL and the headers have more than 32 KiB."),
    ("unsupported-media-type", 415, "Send JSON in UTF-8, or a merge patch with PATCH."),
    ("unsupported-encoding", 415, "Send the body as it is, not compressed."),
    ("headers-too-large", 431, "The URL and the headers have more than 32 KiB."),
    ("refused", 400, "The request cannot be answered."),
    # who asks, and how often
    ("unauthenticated", 401, "Send a good access token: `Authorization: Bearer …`."),
    ("token-invalid", 401, "The access token is none of ours. Sign in."),
    ("token-expired", 401, "The access token is too old. Refresh the session."),
    ("subject-missing", 401, "The token of an outside issuer names nobody who may be here."),
    ("account-unknown", 401, "The token names an account that there is not."),
    ("session-ended", 401, "The session was ended. Sign in again."),
    ("refresh-token-invalid", 401, "The refresh token is used up, too old or none of ours."),
    ("bad-credentials", 401, "The login is unknown or the password wrong."),
    ("no-token", 401, "A stream was opened and no token came in time."),
    ("another-account", 401, "A stream goes on only with a token of the account that opened it."),
    ("forbidden", 403, "You may see it, but your role does not let you do this."),
    ("not-the-author", 403, "Only who wrote it may change it."),
    ("not-the-uploader", 403, "Only who is concerned with the file may remove it."),
    ("wrong-password", 403, "The password that confirms the change is wrong."),
    ("account-deactivated", 403, "Its person deactivated the account, and may reactivate it."),
    ("account-disabled", 403, "An operator has disabled the account, and may enable it."),
    ("rate-limited", 429, "Too many requests; `Retry-After` says when to go on."),
    # what the request asks
    ("invalid", 422, "A value breaks a rule; `field` names it, `errors` names all of them."),
    ("unknown-parameter", 422, "The path has no such query parameter."),
    ("repeated-parameter", 422, "The query parameter stands more than once."),
    ("unknown-message", 422, "A stream takes only messages with a new token."),
    ("empty-patch", 422, "The patch has no member, so it changes nothing."),
    ("blank", 422, "There is nothing visible in it."),
    ("too-many-mentions", 422, "It mentions more people than one text may."),
    ("not-an-email", 422, "This is no e-mail address."),
    ("unknown-time-zone", 422, "This is no name of a time zone, such as Europe/Rome."),
    ("not-a-locale", 422, "This is no language tag (BCP 47), such as de-AT."),
    ("start-after-due", 422, "It would start after it is due."),
    ("no-files", 422, "Send files in parts named `files` or `file`."),
    ("unknown-part", 422, "A part of the form is no file of a known name."),
    ("too-many-files", 422, "One request takes at most 20 files."),
    ("bad-file-name", 422, "The name is empty, too long, a path or has control characters."),
    ("file-type-not-allowed", 422, "Files of this type are not taken."),
    ("file-type-mismatch", 422, "The file's name, declared type and content do not agree."),
    ("empty-file", 422, "The file has no bytes."),
    ("too-many-tags", 422, "A task, a note or a post has at most 50 tags."),
    ("assignee-not-a-member", 422, "Tasks are assigned to members of their workspace."),
    ("no-such-account", 422, "Nobody has registered with this e-mail."),
    ("export-too-large", 422, "It is too much to be sent at once; ask for a job instead."),
    ("idempotency-key-reused", 422, "The key was used for another request; take a new one."),
    # the state it meets
    ("not-found", 404, "It is not there, or you may not know that it is."),
    ("content-missing", 404, "The file is on record, but not in the store."),
    ("conflict", 409, "It does not fit the present state."),
    ("exists", 409, "It exists already."),
    ("email-taken", 409, "Another account has this e-mail."),
    ("identity-taken", 409, "Another account belongs to this outside identity."),
    ("username-taken", 409, "Another account has this username."),
    ("tag-taken", 409, "Another tag of the workspace has this name."),
    ("slug-taken", 409, "Another post of the workspace has this slug."),
    ("slug-settled", 409, "A post keeps the slug under which it was first published."),
    ("already-a-member", 409, "This account belongs to the workspace already."),
    ("last-owner", 409, "A workspace keeps at least one owner."),
    ("personal-workspace", 409, "A personal workspace belongs to one person for good."),
    ("workspace-full", 409, "The workspace has as many members as it may have."),
    ("password-changed", 409, "The password was changed meanwhile; sign in with the new one."),
    ("not-overdue", 409, "It is not overdue, or that was announced already."),
    ("export-finished", 409, "The export is finished already."),
    ("contention", 409, "Others keep changing this at the same time; try again."),
    ("log-changed", 410, "The cursor is of another log, or of a time no longer kept."),
    ("version-mismatch", 412, "It has another version than `If-Match` names; read it again."),
    ("precondition-required", 428, "This installation wants `If-Match` with every change."),
    # what happens here
    ("internal-error", 500, "A fault of ours. It is logged with the request's id."),
    ("unavailable", 503, "A server behind us is away or full; `Retry-After` says when."),
    ("unreadable", 503, "Something on the record cannot be read by this program now; try again."),
    ("projection-lag", 503, "The read model has not got there yet; try again."),
    ("not-ready", 503, "The process cannot serve at the moment."),
)

PROBLEMS: Mapping[str, ProblemDescription] = {
    code: ProblemDescription(code=code, status=status, description=description)
    for code, status, description in _TABLE
}
