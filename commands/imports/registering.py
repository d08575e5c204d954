"""Which accounts do an older system's people become: new ones, their own of before, another's?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from commands.base import Claim
from commands.imports.items import Happened, Item
from commands.imports.people import Person, account_item, merged_item
from commands.imports.report import Count
from commands.imports.rows import Row, RowRefused
from commands.imports.settling import Settling
from events.inbox import NotificationsRead
from events.notices import inbox_of

Arrival = tuple[Row, Person]


class Registering:
    """`known.people` gets an entry for each who is not refused; `arrived` are their accounts, as
    far as somebody may sign in to them."""

    def __init__(self, settling: Settling, *, merge: bool) -> None:
        self._settling = settling
        self._log = settling.log
        self._known = settling.known
        self._merge = merge
        self._taken: dict[Claim, UUID] = {}
        self._own: list[UUID] = []
        self.arrived: list[UUID] = []

    async def register(self, count: Count, arrivals: Sequence[Arrival]) -> None:
        claims = {claim for _, person in arrivals for claim in person.claims}
        held = dict(await self._log.holders(claims))
        begun = await self._log.begun([person.stream for _, person in arrivals])
        own: list[Arrival] = []
        merging: list[Arrival] = []
        for row, person in arrivals:
            account = held.get(person.link)
            try:
                if account and account != person.stream:
                    merging.append((row, person))
                elif account or person.stream in begun or self._is_free(row, person, held):
                    own.append((row, person))
                else:
                    merging.append((row, person))
            except RowRefused as refusal:
                self._settling.refuse(count, row, refusal)
        await self._begin(count, own, begun)
        for row, person in merging:
            await self._merge_one(count, row, person)

    async def _begin(self, count: Count, own: Sequence[Arrival], begun: Mapping[UUID, str]) -> None:
        """Another process may have taken a name meanwhile: who is refused for it has no account."""
        await self._settling.settle(count, [(row, account_item(one)) for row, one in own], begun)
        refused = self._known.refused.get(count.refers, ())
        for row, person in own:
            if row.key not in refused:
                self._own.append(person.stream)
                self._is(person, person.stream)

    def _is_free(self, row: Row, person: Person, held: Mapping[Claim, UUID]) -> bool:
        """False where the e-mail makes it one with another account. Raises `RowRefused`."""
        email, username = (
            self._taken.get(claim) or held.get(claim) if claim else None
            for claim in (person.email, person.username)
        )
        if email and not self._merge:
            row.refuse(
                "email",
                f"account {email} has this e-mail; --merge-by-email makes one of the two",
            )
        if username and username != email:
            row.refuse("username", f"account {username} has this username")
        if email:
            return False
        for claim in person.names:
            self._taken[claim] = person.stream
        return True

    async def _merge_one(self, count: Count, row: Row, person: Person) -> None:
        """Into the account that is theirs already, or else into that of their e-mail."""
        held = dict(await self._log.holders(person.claims))
        into = held.get(person.link)
        if into is None and person.email is not None:
            into = self._taken.get(person.email) or held[person.email]
        assert into is not None, "one or the other is why it is merged"
        if not self._settling.report.dry_run:
            account = await self._log.account(into)
            has_password = await self._log.has_password(into)
            item = merged_item(
                person, account, self._known.now, has_password=has_password, held=held
            )
            [written] = await self._log.write([item]) if item else [None]
            if written is not None and written.outcome == "refused":
                self._settling.refuse_for(count, row, written.field, written.reason)
                return
        count.merged += 1
        if person.link not in held:
            self._settling.report.say(f"merged: {count.table} {person.key} is account {into}")
        self._is(person, into)

    async def forget_news(self, up_to: int) -> None:
        """What moved in is no news to the accounts that came with it, unless they were told."""
        inboxes = {inbox_of(account): account for account in self._own}
        begun = await self._log.begun(inboxes)
        await self._log.write(
            [
                inbox_item(inbox, account, up_to, self._known.now)
                for inbox, account in inboxes.items()
                if inbox not in begun
            ]
        )

    def _is(self, person: Person, account: UUID) -> None:
        self._known.people[person.key] = account
        if person.active:
            self.arrived.append(account)


def inbox_item(inbox: UUID, account: UUID, up_to: int, now: datetime) -> Item:
    read = Happened(
        stream=inbox, owner=account, fact=NotificationsRead(up_to=up_to), at=now, actor=account
    )
    return Item(table="inbox", key=str(inbox), stream=inbox, happened=[read], account=account)
