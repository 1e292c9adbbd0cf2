"""What is repeated for each event and object: counted, because time would vary."""

from __future__ import annotations

import json

from specwire import models
from specwire.core import codec
from specwire.core.sse import SSEParser
from tests.core.conftest import Play
from tests.core.counting import entered
from tests.scripted import chunked, reply

EVENT = b'data: {"type":"text","text":"a"}\n\n'
END = b'data: {"type":"stop"}\n\n'
SSE = "text/event-stream"


def test_an_event_of_a_stream_takes_few_steps(play: Play) -> None:
    """Many in one piece: to be parsed, typed and handed out."""
    small, large = 100, 600
    bodies = [EVENT * count + END for count in (small, small, large)]
    made, _ = play(*(reply(body=body, content_type=SSE) for body in bodies))
    list(made.notes.create(stream=True))
    few = entered(lambda: list(made.notes.create(stream=True)))
    many = entered(lambda: list(made.notes.create(stream=True)))
    assert (many - few) / (large - small) <= 6


def test_an_event_in_a_chunk_of_its_own_takes_few_steps(play: Play) -> None:
    """One a write: nothing of the layers between is entered for it."""
    small, large = 100, 600
    replies = [chunked(*[EVENT] * count, END) for count in (small, small, large)]
    made, _ = play(*replies)
    list(made.notes.create(stream=True))
    few = entered(lambda: list(made.notes.create(stream=True)))
    many = entered(lambda: list(made.notes.create(stream=True)))
    assert (many - few) / (large - small) <= 20


def test_an_object_is_read_in_one_step_and_its_union_in_another() -> None:
    """However many members it has."""
    block = {"type": "text", "text": "a", "citations": None}
    lists = {count: [block] * count for count in (10, 110)}
    hook = codec.hook_of(list[models.ContentBlock])
    hook(lists[10], None)
    few, many = (entered(lambda n=n: hook(lists[n], None)) for n in (10, 110))
    assert (many - few) / 100 <= 4


def test_events_of_the_usual_form_are_read_without_a_step_each() -> None:
    """The names of events are looked at once."""
    parser = SSEParser()
    parser.blocks(b"event: delta\ndata: {}\n\n")
    body = b"".join(
        b"event: delta\ndata: %b\n\n" % json.dumps({"n": n}).encode()
        for n in range(500)
    )
    assert entered(lambda: parser.blocks(body)) <= 12
