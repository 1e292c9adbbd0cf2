"""Lists in pages."""

from __future__ import annotations

from typing import Any

import pytest

from specwire.errors import DecodeError, InternalServerError
from specwire.testing import FakeClock
from tests.core.conftest import Play
from tests.core.sample import Row
from tests.scripted import reply


def page(*numbers: int, more: bool, **members: Any) -> bytes:
    data: dict[str, Any] = {"data": [{"n": n} for n in numbers], "has_more": more}
    if numbers:
        data |= {"first_id": f"r{numbers[0]}", "last_id": f"r{numbers[-1]}"}
    return reply(200, data | members, {"request-id": f"p{len(numbers)}"})


def test_iterating_asks_for_all_pages(play: Play) -> None:
    """Each when the one before it is used up; other arguments stay."""
    made, server = play(page(1, 2, more=True), page(3, more=True), page(4, more=False))
    rows = []
    for row in made.notes.list(limit=2, extra_query={"q": "", "tag": "a b"}):
        rows.append(row.n)
        assert len(server.received) == {1: 1, 2: 1, 3: 2, 4: 3}[row.n]
    assert rows == [1, 2, 3, 4]
    assert [request.target for request in server.received] == [
        "/v1/notes?limit=2&q=&tag=a%20b",
        "/v1/notes?limit=2&q=&tag=a+b&after_id=r2",
        "/v1/notes?limit=2&q=&tag=a+b&after_id=r3",
    ]


def test_a_page_knows_itself(play: Play) -> None:
    """Items, other members, its reply, and what leads on."""
    made, _ = play(page(1, 2, more=True, total=9))
    first = made.notes.list()
    assert first.data == [Row(n=1), Row(n=2)]
    assert (len(first), bool(first), first.has_more, first.total) == (2, True, True, 9)
    assert first.raw["last_id"] == "r2"
    assert first._request_id == "p2"
    assert first.has_next_page()
    assert first.next_page_info() == {"after_id": "r2"}
    assert repr(first) == "<Page of notes.list, 2 items>"
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        _ = first.other


def test_an_empty_page_is_true_and_the_last(play: Play) -> None:
    """if page: asks whether there is one, not how long it is."""
    made, _ = play(page(more=False))
    only = made.notes.list()
    assert (len(only), bool(only), list(only)) == (0, True, [])
    with pytest.raises(ValueError, match="there is no next page"):
        only.get_next_page()


def test_the_direction_that_was_asked_for_is_kept(play: Play) -> None:
    """before_id leads backwards by the first id."""
    made, server = play(page(8, 9, more=True), page(7, more=False))
    assert [row.n for row in made.notes.list(before_id="r10")] == [8, 9, 7]
    assert server.received[1].target == "/v1/notes?before_id=r8"


def test_pages_can_be_taken_one_by_one(play: Play) -> None:
    """iter_pages gives this page first."""
    made, _ = play(page(1, more=True), page(2, more=False))
    pages = list(made.notes.list().iter_pages())
    assert [len(each.data) for each in pages] == [1, 1]
    assert not pages[1].has_next_page()


def test_a_server_that_leads_in_a_circle_is_an_error(play: Play) -> None:
    """Otherwise the loop would never end."""
    made, _ = play(*[page(1, more=True)] * 3)
    with pytest.raises(DecodeError, match="leads in a circle"):
        list(made.notes.list())


@pytest.mark.parametrize(
    "data", [{}, {"data": None}, {"data": {"n": 1}}, {"data": [{"m": 1}]}, []], ids=str
)
def test_a_page_of_another_shape_is_a_decode_error(play: Play, data: Any) -> None:
    """The list must be one, and its items what they should be."""
    made, _ = play(reply(200, data))
    with pytest.raises(DecodeError):
        made.notes.list()


def test_each_page_is_a_call_of_its_own(play: Play, clock: FakeClock) -> None:
    """With retries of its own, and its own count of attempts."""
    made, _ = play(
        page(1, more=True), reply(503), page(2, more=False), reply(500), _clock=clock
    )
    first = made.notes.list(max_retries=1)
    assert first.get_next_page()._reply.attempts == 2
    assert first._reply.attempts == 1


def test_a_failing_page_raises_behind_the_rows_before_it(
    play: Play, clock: FakeClock
) -> None:
    """Nothing that came is lost, and the end is not silent."""
    made, _ = play(page(1, more=True), reply(500), max_retries=0, _clock=clock)
    rows = iter(made.notes.list())
    assert next(rows).n == 1
    with pytest.raises(InternalServerError):
        next(rows)
