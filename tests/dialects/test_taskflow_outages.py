"""What TaskFlow's readers see of a post while the store is away."""

import os
import signal
from pathlib import Path

from infra.embedded.postgres import EmbeddedPostgres
from tests.support.api import settings_for
from tests.support.app import running_app
from tests.support.taskflow import Flow, registration
from tests.support.waiting import until_answered


async def test_a_post_is_shown_uncounted_while_the_store_is_away(
    data_folder: Path, nats_url: str
) -> None:
    async with EmbeddedPostgres(data_folder) as postgres:
        settings = settings_for(postgres.url, nats_url, rate_limit=0)
        async with running_app(settings) as running:
            who = registration()
            user = (await running.client.post("/taskflow/auth/signup", json=who)).json()
            token = (await running.client.post("/taskflow/auth/login", json=who)).json()
            flow = Flow(running.client, user, token["access_token"])
            place = f"/posts/{(await flow.post())['id']}"
            assert (await flow.ask("GET", place)).json()["view_count"] == 1
            os.kill(postgres.pid, signal.SIGKILL)
            await postgres.wait()
            answer = await flow.ask("GET", place)
            assert (answer.status_code, answer.json()["view_count"]) == (200, 1), answer.text
            await postgres.start()

            counts = [1]

            async def is_counted_again() -> bool:
                answer = await flow.ask("GET", place)
                if answer.status_code == 200:
                    counts.append(answer.json()["view_count"])
                return counts[-1] > 1

            await until_answered(is_counted_again, within=20)
            assert await is_counted_again()
            assert counts[-1] == counts[-2] + 1
