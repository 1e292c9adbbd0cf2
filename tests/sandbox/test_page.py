"""The page to watch by, over HTTP: what is told, what is hidden, who is refused."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from urllib3.exceptions import HTTPError

from specwire.sandbox import Sandbox
from specwire.sandbox.page import RunProgress
from specwire.sandbox.page.records import BODY_KEPT, KEPT

from .conftest import Caller, message
from .page_client import News, PageClient
from .test_life import until


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(ui=True) as running:
        yield running


@pytest.fixture
def page(box: Sandbox) -> Iterator[PageClient]:
    client = PageClient(box)
    yield client
    client.session.close()


def ended(number: int) -> Any:
    """Whether the news have the end of request ``number``."""
    return lambda news: news.rows.get(number, {}).get("state", "open") != "open"


# -- files -----------------------------------------------------------------------------


def test_there_is_no_page_unless_it_is_asked_for() -> None:
    """Without ``ui`` its address is a path like any other, and nothing is watched."""
    with Sandbox() as box:
        answer = Caller(box)("GET", "/_specwire/")
        assert (answer.status_code, len(box.requests)) == (404, 1)
        with pytest.raises(RuntimeError, match="ui=True"):
            _ = box.page_url


def test_all_that_the_page_names_is_served(page: PageClient) -> None:
    """Its files are there with their types, and none is anywhere else."""
    kinds = {}
    for name in ("page.css", "page.js", "dom.js", "icon.svg", "requests.js"):
        answer = page.get(name)
        assert answer.status_code == 200
        kinds[name] = answer.headers["content-type"].partition(";")[0]
    assert kinds["page.js"] == "text/javascript"
    assert kinds["page.css"] == "text/css"
    assert "//" not in page.html.replace("<!doctype", "")
    assert page.get("site.py").status_code == 404
    assert page.get("../records.py").status_code == 404


def test_the_browser_is_told_to_load_nothing_else(page: PageClient) -> None:
    """The policy allows this origin only, no markup from text, and no frame."""
    headers = page.get("").headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_the_address_without_a_slash_leads_to_the_page(page: PageClient) -> None:
    """A browser that was given the short address ends at the page."""
    answer = page.session.get(page.url.rstrip("/"), timeout=10)
    assert (answer.url, answer.status_code) == (page.url, 200)


def test_the_page_is_not_among_the_requests(box: Sandbox, page: PageClient) -> None:
    """Looking on changes nothing: neither records nor identifiers."""
    page.get("operations")
    page.post("clear")
    assert box.requests == []


# -- requests --------------------------------------------------------------------------


def test_a_request_is_told_as_it_comes(page: PageClient, call: Caller) -> None:
    """Method, path, status and time stand in the news, bodies in the details."""
    with page.news() as news:
        call("POST", "/v1/messages?beta=true", json=message("Good day"))
        news.until(ended(1))
        row = news.rows[1]
    assert (row["method"], row["path"], row["query"]) == (
        *("POST", "/v1/messages"),
        "beta=true",
    )
    assert (row["status"], row["state"], row["fault"]) == (200, "done", None)
    assert row["ms"] > 0
    whole = page.whole(1)
    assert "Good day" in whole["body"]["text"]
    assert '"type":"message"' in whole["reply"]["text"]
    assert whole["request_id"].startswith("req_")


def test_what_was_before_the_page_is_told(page: PageClient, call: Caller) -> None:
    """A page that is opened later has it all, several have the same."""
    call("GET", "/v1/models")
    with page.news() as first, page.news() as second:
        for news in (first, second):
            news.until(ended(1))
            assert news.rows[1]["path"] == "/v1/models"


def test_keys_are_never_told(box: Sandbox, page: PageClient, call: Caller) -> None:
    """Not in a header, not in the query, not in a body, not in the answer's echo."""
    key = box.api_keys["anthropic"]
    bearer = {"authorization": f"Bearer {key}", "cookie": "sid=abcdefgh12345"}
    call("POST", "/v1/messages", json=message(f"my key is {key}"), headers=bearer)
    call("GET", f"/gemini/v1beta/models?key={key}")
    other = "hunter2-hunter2"
    call("POST", f"/nowhere/{other}?api_key={other}", data=other)
    for number in (1, 2, 3):
        text = page.get(f"requests/{number}").text
        assert key not in text
        assert other not in text
        assert "abcdefgh12345" not in text
    shown = dict(page.whole(1)["headers"])
    assert shown["x-api-key"] == "***"
    assert shown["authorization"] == "Bearer ***"
    with page.news() as news:
        news.until(ended(3))
        assert key not in str(news.rows)
        assert other not in str(news.rows)


def test_a_stream_is_seen_while_it_flows(
    box: Sandbox, page: PageClient, call: Caller
) -> None:
    """Its first events are there before the last one is sent."""
    box.fail("POST /v1/messages", drip_s=0.01)
    with page.news() as news:
        answer = call("POST", "/v1/messages", json=message(stream=True), stream=True)
        news.until(lambda n: n.rows.get(1, {}).get("size", 0) > 40)
        half = page.whole(1)
        answer.close()
    assert (half["state"], half["streams"]) == ("open", True)
    assert half["reply"]["text"].startswith("event: message_start")
    assert "message_stop" not in half["reply"]["text"]


def test_a_stream_is_kept_as_it_was_sent(page: PageClient, call: Caller) -> None:
    """All of its text, and when each part of it went out."""
    sent = call("POST", "/v1/messages", json=message(stream=True)).text
    with page.news() as news:
        news.until(ended(1))
    whole = page.whole(1)
    assert whole["reply"]["text"] == sent
    assert len(whole["marks"]) == sent.count("\n\n")
    assert whole["marks"] == sorted(whole["marks"])


def test_a_stream_of_single_bytes_is_little_news(
    box: Sandbox, page: PageClient, call: Caller
) -> None:
    """What changes a thousand times is told some times."""
    box.fail("POST /v1/messages", drip_s=0.0001)
    with page.news() as news:
        size = len(call("POST", "/v1/messages", json=message(stream=True)).content)
        news.until(ended(1))
    assert news.events < size / 2


@pytest.mark.parametrize(
    ("fault", "state"),
    [({"cut_after": 20}, "cut"), ({"drop": True}, "dropped")],
)
def test_a_spoilt_answer_is_told(
    box: Sandbox, page: PageClient, call: Caller, fault: Any, state: str
) -> None:
    """Cut and dropped answers are marked, with the fault that they met."""
    box.fail("POST /v1/messages", **fault)
    with page.news() as news:
        with pytest.raises(requests.RequestException):
            call("POST", "/v1/messages", json=message())
        news.until(ended(1))
        assert news.rows[1]["state"] == state
        assert news.rows[1]["fault"]


def test_a_caller_that_leaves_is_told(
    box: Sandbox, page: PageClient, call: Caller
) -> None:
    """A stream that nobody reads to its end has the state ``left``."""
    box.fail("POST /v1/messages", drip_s=0.001)
    with page.news() as news:
        answer = call("POST", "/v1/messages", json=message(stream=True), stream=True)
        answer.raw.read(1)
        answer.close()
        news.until(ended(1))
        assert news.rows[1]["state"] == "left"


def test_what_cannot_be_read_is_told(box: Sandbox, page: PageClient) -> None:
    """Bytes that are no request are in the list, with what they were answered."""
    with page.news() as news:
        with socket.create_connection(("127.0.0.1", box.port), 5) as sock:
            sock.sendall(b"hello\r\n\r\n")
            assert b"400" in sock.recv(65536)
        news.until(ended(1))
        assert news.rows[1]["status"] == 400


def test_a_delay_is_over_before_there_is_an_answer(
    box: Sandbox, page: PageClient, call: Caller
) -> None:
    """Until then the request has its fault, and no status."""
    box.fail("GET /v1/models", latency_s=0.2)
    with page.news() as news:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(call, "GET", "/v1/models")
            news.until(lambda n: n.rows.get(1, {}).get("fault"))
            assert news.rows[1]["status"] is None
        news.until(ended(1))
        assert news.rows[1]["status"] == 200
    assert page.whole(1)["answered_ms"] >= 200


def test_attempts_of_a_call_are_counted(page: PageClient, call: Caller) -> None:
    """Requests of one idempotency key are one call; those without are one each."""
    for key in ("a", "b", "a", None, None, "a"):
        headers = {} if key is None else {"idempotency-key": key}
        call("POST", "/v1/messages", json=message(), headers=headers)
    call("GET", "/v1/models", headers={"idempotency-key": "a"})
    with page.news() as news:
        news.until(ended(7))
        attempts = [news.rows[n]["attempt"] for n in range(1, 8)]
    assert attempts == [1, 1, 2, 1, 1, 3, 1]


# -- the sandbox's own work ------------------------------------------------------------


def test_batches_are_told(page: PageClient, call: Caller) -> None:
    """How far each is, how it ended, and how often it was asked for."""
    good = {"custom_id": "a", "params": message()}
    bad = {"custom_id": "b", "params": {**message(), "max_tokens": "many"}}
    place = "/v1/messages/batches"
    made = call("POST", place, json={"requests": [good, bad]}).json()
    for _ in range(2):
        call("GET", f"{place}/{made['id']}")
    call("POST", place, json={"requests": [good]})
    with page.news() as news:
        news.until(ended(4))
        waiting, over = news.known["work"]["batches"]
    assert (waiting["status"], waiting["looks"]) == ("in_progress", 0)
    assert over["id"] == made["id"]
    assert (over["status"], over["looks"], over["requests"]) == ("ended", 2, 2)
    assert (over["succeeded"], over["failed"], over["canceled"]) == (1, 1, 0)


def test_runs_of_workflows_are_told(page: PageClient, call: Caller) -> None:
    """The newest twenty, and how many there were; looking on moves none of them."""
    for n in range(21):
        call("POST", f"/api/workflows/wf_{n}/execute", json={})
    in_background = {"x-execution-mode": "async"}
    call("POST", "/api/workflows/wf_job/execute", json={}, headers=in_background)
    with page.news() as news:
        news.until(ended(22))
        work = news.known["work"]
    assert (len(work["executions"]), work["executions_made"]) == (20, 22)
    job, last = work["executions"][:2]
    assert (job["workflow"], job["status"], job["looks"]) == ("wf_job", "queued", 0)
    assert (last["workflow"], last["status"]) == ("wf_20", "completed")


# -- bounds ----------------------------------------------------------------------------


def test_the_last_500_requests_are_kept(box: Sandbox, page: PageClient) -> None:
    """Older ones are gone from the details and from the news."""
    request = b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with socket.create_connection(("127.0.0.1", box.port), 10) as sock:
        sock.sendall(request * (KEPT + 5))
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1 << 20):
            pass
    with page.news() as news:
        news.until(ended(KEPT + 5))
        assert (min(news.rows), len(news.rows)) == (6, KEPT)
    assert page.get("requests/5").status_code == 404
    assert page.whole(6)["status"] == 404


def test_of_a_body_the_first_64_kib_are_kept(page: PageClient, call: Caller) -> None:
    """Its size is told, and that it is cut; also where it lies in a file."""
    call("POST", "/v1/messages", data=b"a" * (BODY_KEPT * 40))
    body = page.whole(1)["body"]
    assert body == {
        "cut": True,
        "kind": "text",
        "size": BODY_KEPT * 40,
        "text": "a" * BODY_KEPT,
    }


def test_a_long_path_is_short_in_the_list(page: PageClient, call: Caller) -> None:
    """The details have all of it."""
    path = "/" + "a" * 20_000
    call("GET", path + "?q=" + "b" * 20_000)
    with page.news() as news:
        news.until(ended(1))
        row = news.rows[1]
    assert row["path"] == path[:500] + "…"
    assert len(row["query"]) == 501
    assert page.whole(1)["path"] == path


def test_a_key_across_the_cut_is_hidden(page: PageClient, call: Caller) -> None:
    """The part of a key that lies before the cut is not shown either."""
    start = b"a" * (BODY_KEPT - 13) + b" "
    call("POST", "/v1/messages", data=start + b"sk-ant-0123456789abcdefghijk")
    assert "sk-ant-0" not in page.whole(1)["body"]["text"]


def test_bytes_that_are_no_text_are_told_as_such(
    page: PageClient, call: Caller
) -> None:
    """Their beginning is shown in hexadecimal."""
    call("POST", "/v1/messages", data=b"\x00\xff\x10")
    body = page.whole(1)["body"]
    assert (body["kind"], body["text"]) == ("bytes", "00 ff 10")
    key = call.box.api_keys["anthropic"].encode()
    call("POST", "/v1/messages", data=b"\x00" + key)
    assert page.whole(2)["body"]["text"] == b"\x00***".hex(" ")


def test_clearing_empties_every_page(page: PageClient, call: Caller) -> None:
    """The list is empty on all pages, and numbers go on."""
    call("GET", "/v1/models")
    with page.news() as news:
        news.until(ended(1))
        page.post("clear")
        news.until(lambda n: not n.rows)
        call("GET", "/v1/models")
        news.until(ended(2))


def test_a_page_that_is_closed_leaves_nothing(page: PageClient, call: Caller) -> None:
    """Its thread ends with the next news, and the sandbox goes on."""
    before = threading.active_count()
    with page.news() as news:
        news.until(lambda n: n.known)
        assert threading.active_count() > before
    until(lambda: _gone(call, before))


def _gone(call: Caller, before: int) -> bool:
    call("GET", "/v1/models")
    # The caller's own connection has a thread as well.
    return threading.active_count() <= before + 1


def test_a_page_that_reads_nothing_holds_nobody_up(
    box: Sandbox, page: PageClient, call: Caller
) -> None:
    """Others are told all the same, and close() does not wait for it."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        sock.connect(("127.0.0.1", box.port))
        sock.sendall(
            b"GET /_specwire/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        )
        with page.news() as news:
            for _ in range(100):
                call("GET", "/nowhere" * 500)
            news.until(ended(100))
        started = time.monotonic()
        box.close()
    assert time.monotonic() - started < 1.5


def test_close_is_prompt_while_pages_are_open(box: Sandbox, page: PageClient) -> None:
    """The news end, and a sandbox that starts again has what was seen."""
    with page.news() as news:
        news.until(lambda n: n.known)
        box.close()
        with pytest.raises((StopIteration, HTTPError)):
            news.until(lambda _: False)
    box.start()
    again = PageClient(box)
    assert again.token == page.token
    again.session.close()


# -- switches --------------------------------------------------------------------------


def test_a_switch_stands_until_it_is_off(page: PageClient, call: Caller) -> None:
    """While it is on every request that fits fails; it can be put on again."""
    made = page.post("switches", {"pattern": "GET /v1/models", "status": 529})
    assert made.status_code == 201
    place = f"switches/{made.json()['id']}"
    assert [call("GET", "/v1/models").status_code for _ in range(3)] == [529] * 3
    page.post(place, {"on": False})
    assert call("GET", "/v1/models").status_code == 200
    page.post(place, {"on": True})
    page.post(place, {"on": True})
    assert call("GET", "/v1/models").status_code == 529
    assert page.send("DELETE", place).status_code == 204
    assert call("GET", "/v1/models").status_code == 200
    assert page.post(place, {"on": True}).status_code == 404


def test_a_switch_may_be_for_some_requests_only(page: PageClient, call: Caller) -> None:
    """After so many it is off; switched on, it is for as many again."""
    asked = {"pattern": "GET /v1/models", "status": 500, "times": 2}
    place = f"switches/{page.post('switches', asked).json()['id']}"
    for _ in range(2):
        codes = [call("GET", "/v1/models").status_code for _ in range(3)]
        assert codes == [500, 500, 200]
        page.post(place, {"on": True})


def test_a_switch_has_all_that_a_fault_has(page: PageClient, call: Caller) -> None:
    """Headers and a body of its own, too: JSON as such, other text as it is."""
    for body, sent in (('{"a": 1}', b'{"a":1}'), ("<html>", b"<html>")):
        asked = {"pattern": "GET /v1/models", "headers": {"x-a": "b"}, "body": body}
        id = page.post("switches", asked).json()["id"]
        answer = call("GET", "/v1/models")
        assert (answer.headers["x-a"], answer.content) == ("b", sent)
        page.send("DELETE", f"switches/{id}")


def test_switches_are_told_to_every_page(
    box: Sandbox, page: PageClient, call: Caller
) -> None:
    """With how often they were met; so are those that a program ordered."""
    with page.news() as news:
        box.fail("GET /v1/files", [500, 500])
        page.post("switches", {"pattern": "* /v1/*", "latency_s": 0.001})
        call("GET", "/v1/models")
        call("GET", "/v1/files")
        news.until(lambda n: _met(n) == [1])
        faults = news.known["faults"]
    assert faults["ordered"] == [
        {"left": 1, "met": 1, "next": "500", "pattern": "GET /v1/files"}
    ]
    assert faults["switches"][0]["on"] is True
    assert faults["switches"][0]["text"] == "0.001 s late"


def _met(news: News) -> list[int]:
    faults = news.known.get("faults", {"ordered": [], "switches": []})
    if [each["met"] for each in faults["ordered"]] != [1]:
        return []
    return [each["met"] for each in faults["switches"]]


def test_a_reset_switches_all_off(box: Sandbox, page: PageClient, call: Caller) -> None:
    """They are still there, to be switched on again."""
    page.post("switches", {"pattern": "GET /v1/models", "status": 500})
    box.reset()
    assert call("GET", "/v1/models").status_code == 200
    with page.news() as news:
        news.until(lambda n: n.known)
        assert [each["on"] for each in news.known["faults"]["switches"]] == [False]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"pattern": "GET /v1/models"}, "nothing would happen"),
        ({"pattern": "models", "status": 500}, "METHOD /path"),
        ({"status": 500}, "pattern"),
        ({"pattern": "GET /a", "status": 42}, "status"),
        ({"pattern": "GET /a", "status": True}, "status"),
        ({"pattern": "GET /a", "latency_s": 1e9}, "latency_s"),
        ({"pattern": "GET /a", "drip_s": "1"}, "drip_s"),
        ({"pattern": "GET /a", "drop": 1}, "drop"),
        ({"pattern": "GET /a", "cut_after": -1}, "cut_after"),
        ({"pattern": "GET /a", "status": 500, "times": 0}, "times"),
        ({"pattern": "GET /a", "headers": {"a": "b\r\nc: d"}}, "headers"),
        ({"pattern": "GET /a", "headers": {"a b": "c"}}, "headers"),
        ({"pattern": "GET /a", "colour": "x"}, "colour"),
        ([1], "object"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(
    page: PageClient, asked: Any, told: str
) -> None:
    """400 with what is wrong."""
    answer = page.post("switches", asked)
    assert (answer.status_code, told in answer.json()["error"]) == (400, True)


def test_there_are_at_most_100_switches(page: PageClient) -> None:
    """The next one is refused, but for one that is there already."""
    asked = [{"pattern": "GET /v1/models", "status": 400 + n} for n in range(101)]
    codes = [page.post("switches", each).status_code for each in asked]
    assert codes == [201] * 100 + [400]
    assert page.post("switches", asked[0]).status_code == 201


def test_a_switch_is_there_once(page: PageClient) -> None:
    """Who asks for the same fault again switches on the one that there is."""
    asked = {"pattern": "GET /v1/models", "status": 500}
    first = page.post("switches", asked).json()
    page.post(f"switches/{first['id']}", {"on": False})
    assert page.post("switches", asked).json() == first
    assert page.post("switches", {**asked, "times": 1}).json()["id"] != first["id"]


def test_operations_are_offered(page: PageClient) -> None:
    """Every operation of the documents can be chosen."""
    assert "POST /v1/messages" in page.get("operations").json()["operations"]


# -- strangers -------------------------------------------------------------------------

SWITCH = {"pattern": "* /v1/models", "status": 500}


def test_a_switch_needs_the_token(page: PageClient, call: Caller) -> None:
    """A request without it, or with another one, changes nothing."""
    for token in ("", "x" * 32):
        answer = page.post("switches", SWITCH, headers={"x-specwire-token": token})
        assert answer.status_code == 403
    assert call("GET", "/v1/models").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:80"},
        {"host": "[bad"},
    ],
)
def test_another_origin_is_refused(
    page: PageClient, call: Caller, headers: dict[str, str]
) -> None:
    """It neither sees nor changes anything, not even with the token."""
    assert page.post("switches", SWITCH, headers=headers).status_code == 403
    for path in ("operations", "requests/1", "events"):
        assert page.get(path, headers=headers).status_code == 403
    assert call("GET", "/v1/models").status_code == 200


def test_a_link_from_elsewhere_leads_to_the_page(page: PageClient) -> None:
    """Only what the address bar does: it opens, and tells the other page nothing."""
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert page.get("", headers=headers).status_code == 200
    assert page.post("clear", headers=headers).status_code == 403


def test_the_token_is_of_one_sandbox() -> None:
    """It does not follow from the seed, as keys do."""
    with Sandbox(ui=True) as one, Sandbox(ui=True) as other:
        pages = PageClient(one), PageClient(other)
        assert pages[0].token != pages[1].token
        for page in pages:
            page.session.close()


def test_a_large_body_is_refused(page: PageClient) -> None:
    """64 KiB are enough for a switch."""
    assert page.post("switches", {"pattern": "x" * 70_000}).status_code == 413


# -- runs ------------------------------------------------------------------------------


def test_runs_are_told() -> None:
    """Each with what is done, failed and left, and its cost."""
    with Sandbox(ui=True, runs=lambda: [RunProgress("a", 3, 1, 2, False, 0.5)]) as box:
        page = PageClient(box)
        with page.news() as news:
            news.until(lambda n: n.known)
            assert news.known["runs"] == [
                {
                    "changed_at": None,
                    "complete": False,
                    "cost_usd": 0.5,
                    "failed": 1,
                    "input_tokens": None,
                    "left": 2,
                    "name": "a",
                    "output_tokens": None,
                    "problem": "",
                    "running": None,
                    "succeeded": 3,
                }
            ]
        page.session.close()


def test_what_is_wrong_with_runs_is_told() -> None:
    """An exception of whoever is asked does not end the page."""

    def broken() -> list[RunProgress]:
        raise ValueError("no disk")

    with Sandbox(ui=True, runs=broken) as box:
        page = PageClient(box)
        with page.news() as news:
            news.until(lambda n: n.known)
            assert news.known["runs"][0]["problem"] == "no disk"
        page.session.close()
