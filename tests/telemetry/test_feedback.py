"""Feedback: seven kinds of events, and sinks that stop no program."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire.telemetry import (
    CompositeFeedbackSink,
    ConsoleFeedbackSink,
    CorrectionFeedback,
    FeedbackCollector,
    FeedbackSink,
    FeedbackType,
    InMemoryFeedbackSink,
    JsonlFeedbackSink,
    NoopFeedbackSink,
    ThumbsFeedback,
    get_feedback_sink,
    report_feedback,
    set_feedback_sink,
)

from .conftest import Make, ask


@pytest.fixture(autouse=True)
def _nowhere_again() -> Iterator[None]:
    yield
    set_feedback_sink(None)


def everything(feedback: FeedbackCollector) -> None:
    feedback.choice("r", 1, rejected_indices=[0, 2]).rating("r", 4, comment="good")
    feedback.thumbs("r", False, "no").text("r", "words").regenerate("r", reason="again")
    feedback.correction("r", "the text", "a text").stop("r", tokens_generated=7)


def test_all_kinds_are_plain_data() -> None:
    """Each has its type, its call and its time, and is JSON."""
    sink = InMemoryFeedbackSink()
    everything(FeedbackCollector(sink))
    kinds = [json.loads(json.dumps(e.to_dict()))["type"] for e in sink.get_events()]
    assert sorted(kinds) == sorted(str(each) for each in FeedbackType)
    assert all(event.timestamp > 1.6e9 for event in sink.get_events())
    assert len(sink.get_events_by_request("r")) == len(sink) == 7
    (thumbs,) = sink.get_events_by_type(FeedbackType.THUMBS)
    assert thumbs.to_dict()["is_positive"] is False
    assert sink.get_events_by_type("rating") == sink.get_events_by_type(
        FeedbackType.RATING
    )
    sink.clear()
    assert len(sink) == 0


def test_corrections_keep_no_text() -> None:
    """Only hashes, which tell whether two texts were the same."""
    event = CorrectionFeedback.of("r", "secret", "secret")
    assert event.original_hash == event.corrected_hash
    assert "secret" not in json.dumps(event.to_dict())


def test_feedback_names_a_call(make: Make) -> None:
    """By the id that the answer has."""
    sink = InMemoryFeedbackSink()
    message = ask(make())
    FeedbackCollector(sink).thumbs(message._request_id, True)
    assert sink.get_events()[0].request_id == message._request_id


def test_a_file_has_one_object_a_line(tmp_path: Path) -> None:
    """Only its owner can read it; what was there stays; threads may share it."""
    path = tmp_path / "feedback.jsonl"
    with_file = JsonlFeedbackSink(path)
    collector = FeedbackCollector(with_file)
    threads = [
        threading.Thread(target=lambda: [collector.text("r", "é\n") for _ in range(25)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    collector.close()
    FeedbackCollector(path).text("r", "\ud800").close()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(lines) == 101
    assert lines[0]["text"] == "é\n"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_goes_on_after_close(tmp_path: Path) -> None:
    """Closing lets go of it; the next event opens it again."""
    sink = JsonlFeedbackSink(tmp_path / "f.jsonl")
    for _ in range(2):
        sink.report(ThumbsFeedback("r", True))
        sink.close()
        sink.close()
    assert len((tmp_path / "f.jsonl").read_text().splitlines()) == 2


class Broken(FeedbackSink):
    def report(self, event: Any) -> None:
        raise OSError("the disk is full")

    def close(self) -> None:
        raise OSError


def test_a_sink_that_fails_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; the sinks beside it get the event."""
    memory = InMemoryFeedbackSink()
    collector = FeedbackCollector(Broken(), memory, tmp_path / "no" / "such" / "file")
    collector.thumbs("r", True)
    collector.close()
    assert len(memory) == 1
    assert "Broken failed: OSError" in caplog.text
    assert FeedbackCollector(Broken()).thumbs("r", True).failed == 1
    set_feedback_sink(Broken())
    report_feedback(ThumbsFeedback("r", True))


def test_the_usual_sink() -> None:
    """Nowhere, until one is set; a collector without sinks follows it."""
    assert isinstance(get_feedback_sink(), NoopFeedbackSink)
    collector = FeedbackCollector()
    collector.thumbs("lost", True)
    found: list[Any] = []
    set_feedback_sink(found.append)
    report_feedback(ThumbsFeedback("a", True))
    collector.record(ThumbsFeedback("b", True))
    assert [event.request_id for event in found] == ["a", "b"]


def test_memory_is_bounded() -> None:
    """The oldest go."""
    sink = InMemoryFeedbackSink(max_events=2)
    sink.report_batch([ThumbsFeedback(str(n), True) for n in range(5)])
    assert [event.request_id for event in sink.get_events()] == ["3", "4"]


def test_the_console_and_several(capsys: pytest.CaptureFixture[str]) -> None:
    """One line an event, by each."""
    both = CompositeFeedbackSink([ConsoleFeedbackSink()])
    both.add_sink(ConsoleFeedbackSink("again"))
    both.report(ThumbsFeedback("r", True, timestamp=1.0))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('[Feedback] {"type": "thumbs"')
    assert lines[1].startswith("again {")


def test_what_is_no_sink() -> None:
    """Is refused where it is given."""
    with pytest.raises(TypeError, match="expected a sink, a function or a path"):
        FeedbackCollector(42)
