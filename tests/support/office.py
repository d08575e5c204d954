"""A workspace with two members, over a real log, and handlers as two processes have them."""

from uuid import UUID, uuid4

from commands.handler import Handler, Store
from commands.tasks import CreateTask
from commands.workspaces import AddMember, CreateWorkspace
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.sealing import claim_keys
from infra.clock import utc_now
from tests.support.log import MASTER_KEY, Log

OWNER, MEMBER = uuid4(), uuid4()


class Office:
    """One workspace with two members, and two handlers that know nothing of each other."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.workspace = new_id()
        self.one, self.other = self.handler(), self.handler()

    def handler(self, store: Store | None = None) -> Handler:
        log = self.log
        return Handler(
            store=store or log.store,
            reader=log.reader,
            appender=log.appender,
            keys=log.keys,
            claim_key=claim_keys(MASTER_KEY),
            clock=utc_now,
        )

    async def open(self) -> None:
        founded = CreateWorkspace(stream=self.workspace, owner=OWNER, name="Office")
        await self.one.handle([founded], request())
        for account in (OWNER, MEMBER):
            key, change = self.log.keys.create(account)
            await self.log.execute(
                "INSERT INTO secrets VALUES ($1, $2, $3)", change.owner, change.kind, change.value
            )
            self.log.keys.remember(account, key)
        added = AddMember(stream=self.workspace, account=MEMBER, role="member")
        await self.one.handle([added], request())

    def new_task(self, **fields: object) -> CreateTask:
        return CreateTask(stream=new_id(), workspace=self.workspace, title="Write", **fields)  # type: ignore[arg-type]

    async def task(self) -> UUID:
        outcome = await self.one.handle([self.new_task()], request())
        return outcome.stream.id


def request(
    account: UUID = OWNER, *, command: UUID | None = None, content: str = "", **fields: object
) -> CommandRequest:
    return CommandRequest(
        caller=Caller(account=account),
        command_id=command or uuid4(),
        correlation=uuid4(),
        fingerprint=content.encode(),
        replayable=command is not None,
        **fields,  # type: ignore[arg-type]
    )
