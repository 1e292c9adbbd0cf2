"""A key in the query stays where it is sent: in no log, error or object."""

from __future__ import annotations

import asyncio
import logging
import warnings

import pytest

from specwire.aio.base import adopt
from specwire.aio.bridge import spawn
from specwire.core import resource as r
from specwire.errors import SpecwireError
from tests.core.conftest import _no_proxy as _no_proxy
from tests.core.conftest import hang_up
from tests.core.sample import KEY, pack
from tests.core.test_secrets import QueryClient, asked, shown
from tests.scripted import reply, serving


def test_a_key_in_the_query_is_on_no_object_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is in what is sent, and nowhere else: not in asyncio's log either."""
    caplog.set_level(logging.DEBUG)

    async def script(made: QueryClient) -> None:
        call = r.Resource(made)._call
        value = await spawn(call, asked("query"), {}, *pack({}))
        assert KEY not in repr(value._reply.url)
        for _ in range(2):
            with pytest.raises(SpecwireError) as caught:
                await spawn(call, asked("query"), {}, *pack({}))
            assert all(KEY not in text for text in shown(caught.value))

    with serving(reply(200, {"a": 1}), reply(400), hang_up()) as server:
        urls, keys = {"query": server.url}, {"query": KEY}
        with QueryClient(api_keys=keys, base_urls=urls, max_retries=0) as made:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                asyncio.run(script(adopt(made)), debug=True)
    assert [each.target for each in server.received] == [f"/v1/a/?key={KEY}"] * 3
    assert KEY not in caplog.text


def test_a_cancelled_call_shows_no_key() -> None:
    """The frames of what was cut short hold what was to be sent."""

    async def script(made: QueryClient) -> BaseException:
        call = r.Resource(made)._call
        task = asyncio.create_task(spawn(call, asked("query"), {}, *pack({})))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value

    with serving(lambda conn, _: conn.recv(1)) as server:
        urls, keys = {"query": server.url}, {"query": KEY}
        with QueryClient(api_keys=keys, base_urls=urls) as made:
            error = asyncio.run(script(adopt(made)))
    assert all(KEY not in text for text in shown(error))
