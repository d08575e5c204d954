"""A client of the live stream that comes back whenever it is sent away."""

import json
from collections import Counter
from uuid import UUID

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from events.ids import personal_workspace_of
from tests.support.waiting import pause, until

PAUSE = 0.05


class Listener:
    """Resumes behind the last thing that it heard. `endings` counts the close codes, and the
    statuses of refusals; None where a connection just broke."""

    def __init__(self, base: str, account: UUID, token: str) -> None:
        self._url = base.replace("http://", "ws://") + "/v1/stream"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.owners = {account, personal_workspace_of(account)}
        self.heard: list[int] = []
        self.foreign: list[str] = []
        self.endings: Counter[int | None] = Counter()
        self.position = 0

    async def run(self) -> None:
        while True:
            try:
                await self._listen()
            except ConnectionClosed as closed:
                self.endings[closed.rcvd.code if closed.rcvd else None] += 1
            except InvalidStatus as refused:
                self.endings[refused.response.status_code] += 1
            except (OSError, TimeoutError, WebSocketException):
                self.endings[None] += 1
            await pause(PAUSE)

    async def reached(self, position: int, within: float = 20.0) -> None:
        await until(lambda: self.heard[-1:] == [position], within)

    async def _listen(self) -> None:
        url = f"{self._url}?after={self.position}"
        async with connect(
            url, additional_headers=self._headers, open_timeout=3, close_timeout=1, proxy=None
        ) as socket:
            async for message in socket:
                frame = json.loads(message)
                if "." in frame["type"]:
                    self.heard.append(frame["position"])
                    if UUID(frame.get("workspace") or frame.get("actor")) not in self.owners:
                        self.foreign.append(frame["id"])
                self.position = frame["position"]
