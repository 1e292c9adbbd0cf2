"""The page to watch by, in a real browser: Chromium without a window.

Needs Chromium and its driver from the system, and selenium (the extra ``browser``).
Nothing is waited for by the clock: each wait ends when the page shows what it should.
"""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from specwire.sandbox import Sandbox
from specwire.sandbox.page import RunProgress

from .conftest import Caller, message

webdriver = pytest.importorskip(
    "selenium.webdriver", reason="selenium is not installed: pip install '.[browser]'"
)
from selenium.common.exceptions import StaleElementReferenceException  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="there is no Chromium with its driver: apt-get install chromium-driver",
    ),
]
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
EVIL = '</script><img src=x onerror="window.hacked=1"><b>&amp;\''
USED = "a, button, input, textarea, summary, [role=progressbar]"
MESSAGES = "POST /v1/messages"


class Browser:
    """One page in the browser, asked by CSS selectors."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def run(self, script: str, *values: Any) -> Any:
        """Run a function's body in the page."""
        return self.driver.execute_script(script, *values)

    def all(self, selector: str) -> list[Any]:
        """The elements that are shown, at one moment."""
        script = (
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter((each) => each.checkVisibility())"
        )
        found: list[Any] = self.run(script, selector)
        return found

    def one(self, selector: str) -> Any:
        """The first element that is shown, as soon as it is."""
        return self.until(lambda: (self.all(selector) or [None])[0])

    def text(self, selector: str) -> str:
        """What can be read there, with what would have to be scrolled to."""
        return self.run(
            "return document.querySelector(arguments[0])?.textContent || ''", selector
        )

    def until(self, condition: Callable[[], Any]) -> Any:
        """What ``condition`` gives, once it is true."""
        wait = WebDriverWait(self.driver, 15, 0.02, [StaleElementReferenceException])
        return wait.until(lambda _: condition())

    def shows(self, selector: str, text: str) -> None:
        """Return once ``text`` stands there."""
        self.until(lambda: text in self.text(selector))

    def view(self, name: str) -> None:
        """Go to a view."""
        self.run("location.hash = arguments[0]", f"#{name}")

    def size(self, width: int, height: int = 740) -> None:
        """A window of so many pixels."""
        facts = {"width": width, "height": height, "deviceScaleFactor": 1}
        self.cdp("Emulation.setDeviceMetricsOverride", **facts, mobile=False)

    def prefers(self, **features: str) -> None:
        """What the user has told the system."""
        named = [
            {"name": f"prefers-{name.replace('_', '-')}", "value": value}
            for name, value in features.items()
        ]
        self.cdp("Emulation.setEmulatedMedia", features=named)

    def cdp(self, command: str, **facts: Any) -> None:
        self.driver.execute_cdp_cmd(command, facts)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser for all tests, with a profile of its own."""
    profile: Path = tmp_path_factory.mktemp("profile")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with pytest.MonkeyPatch.context() as patch:
        # The driver is on this machine, whatever proxy there may be.
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "localhost,127.0.0.1")
        driver = webdriver.Chrome(options, Service(DRIVER))
        yield driver
        driver.quit()


def runs() -> list[RunProgress]:
    """Three runs: of one nothing can be said, one was stopped."""
    return [
        RunProgress(
            *("night.journal", 620, 30, 350, False, 1.25),
            input_tokens=9_000,
            output_tokens=1,
        ),
        RunProgress(EVIL, problem="it is no journal"),
        RunProgress("dead", 1, 0, 1, running=False, changed_at=time.time() - 300),
    ]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(ui=True, runs=runs) as running:
        yield running


@pytest.fixture
def browser(driver: Any, box: Sandbox) -> Iterator[Browser]:
    """The page, connected; afterwards there must be no complaint of the browser."""
    page = Browser(driver)
    page.size(1280, 800)
    page.prefers(color_scheme="light", reduced_motion="no-preference")
    driver.get("about:blank")
    driver.get_log("browser")
    driver.get(box.page_url)
    page.shows("#connection", "live")
    yield page
    complaints = [each["message"] for each in driver.get_log("browser")]
    driver.get("about:blank")
    lost = ("ERR_CONNECTION", "ERR_INCOMPLETE", "ERR_EMPTY", "status of 4")
    assert [c for c in complaints if not any(word in c for word in lost)] == []


def test_requests_appear_as_they_come(browser: Browser, call: Caller) -> None:
    """The newest is on top, with status and time; the count is told."""
    call("GET", "/v1/models")
    call("POST", "/v1/messages", json=message())
    browser.until(lambda: len(browser.all("#requests tbody tr")) == 2)
    for text in ("POST", "/v1/messages", "200", " ms"):
        browser.shows("#requests tbody tr", text)
    assert browser.text("#count-requests") == "2"
    assert not browser.all("#no-requests")


def test_a_request_is_shown_whole(browser: Browser, box: Sandbox, call: Caller) -> None:
    """Headers with the key hidden, the body and the reply laid out."""
    call("POST", "/v1/messages", json=message("Good day"))
    browser.one("#requests tbody a").click()
    browser.shows("#request-body", '"content": "Good day"')
    browser.shows("#reply", '"type": "message"')
    assert '\n  "model"' in browser.text("#request-body pre")
    assert "x-api-key***" in browser.text("#request-headers")
    assert box.api_keys["anthropic"] not in browser.driver.page_source


def test_a_stream_is_shown_as_it_flows(
    browser: Browser, box: Sandbox, call: Caller
) -> None:
    """Events are added while it is under way, and it is told who ended it."""
    box.fail(MESSAGES, drip_s=0.004)
    answer = call("POST", "/v1/messages", json=message(stream=True), stream=True)
    browser.one("#requests tbody a").click()
    browser.shows("#summary", "under way")
    browser.until(lambda: browser.all(".events li"))
    early = len(browser.all(".events li"))
    browser.until(lambda: len(browser.all(".events li")) > early)
    answer.close()
    browser.shows("#summary", "the caller left")


def test_the_time_of_a_request_goes_on(
    browser: Browser, box: Sandbox, call: Caller
) -> None:
    """While nothing happens, and there is no status before there is an answer."""
    box.fail("GET /v1/models", latency_s=60)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(call, "GET", "/v1/models", timeout=None)
        browser.one("#requests tbody a").click()
        browser.shows("#summary", "under way")
        early = browser.text("#took")
        browser.until(lambda: browser.text("#took") != early)
        row = browser.text("#requests tbody tr")
        box.drop_connections()
        assert asked.exception() is not None
    assert (row.count("…"), "200" in row) == (2, False)


def test_attempts_are_counted(browser: Browser, box: Sandbox, call: Caller) -> None:
    """A call that is tried again says so, and can be found by it."""
    box.fail(MESSAGES, [529])
    for _ in range(2):
        key = {"idempotency-key": "one"}
        call("POST", "/v1/messages", json=message(), headers=key)
    browser.shows("#requests tbody", "try 2")
    browser.one("#filter").send_keys("retry")
    browser.until(lambda: len(browser.all("#requests tbody tr")) == 1)
    browser.one("#filter").clear()
    browser.view("request/2")
    browser.shows("#summary", "2, by its idempotency key")


def test_the_events_of_a_stream_are_shown(browser: Browser, call: Caller) -> None:
    """Each can be unfolded, and the text that they add up to stands above them."""
    call("POST", "/v1/messages", json=message(stream=True))
    browser.one("#requests tbody a").click()
    browser.shows(".events", "message_stop")
    assert "Hello there" in browser.text(".spoken")
    browser.one(".events summary").click()
    browser.shows(".events pre", '"type": "message_start"')


def test_nothing_that_arrives_becomes_markup(browser: Browser, call: Caller) -> None:
    """Tags in the path, the query, a header, the body and a run's name are text."""
    call("POST", "/v1/messages", json=message(EVIL), headers={"x-evil": EVIL})
    call("POST", f"/{EVIL}?q={EVIL}", data=f"<html>{EVIL}", headers={"accept": EVIL})
    before = browser.run("return document.querySelectorAll('img, script').length")
    for number, text in ((1, "window.hacked=1"), (2, "<html>")):
        browser.view(f"request/{number}")
        browser.shows("#request-body", text)
        browser.shows("#request-headers", "window.hacked=1")
    browser.view("runs")
    browser.shows("#runs", EVIL)
    after = browser.run("return document.querySelectorAll('img, script').length")
    assert (after, browser.run("return window.hacked")) == (before, None)


def test_what_cannot_be_seen_is_shown(browser: Browser, call: Caller) -> None:
    """Marks of direction, invisible letters and control characters have a name."""
    text = "a\u202eb\u2066c\u200bd\x1b[31m\U000e0041 \u05d0 e\u0301"
    call("POST", "/v1/messages", data=text.encode())
    call("POST", "/v1/messages", data=json.dumps([text], ensure_ascii=False).encode())
    browser.view("request/1")
    codes = ("202E", "2066", "200B", "001B", "E0041")
    a, b, c, d, e = (f"\u2039U+{code}\u203a" for code in codes)
    browser.shows("#request-body", f"a{a}b{b}c{c}d{d}[31m{e} ")
    assert "\u05d0 e\u0301" in browser.text("#request-body")
    browser.view("request/2")
    browser.shows("#request-body", f"a{a}b")


def test_json_is_shown_as_it_came(browser: Browser, call: Caller) -> None:
    """Large numbers keep their digits, names that come twice are both there."""
    text = '{"id":12345678901234567890123,"a":1e400,"a":[],"b":{},"s":"x\\"{"}'
    call("POST", "/v1/messages", data=text)
    browser.view("request/1")
    browser.shows("#request-body", "1e400")
    shown = browser.text("#request-body pre")
    assert "12345678901234567890123" in shown
    assert "".join(shown.split()) == text
    assert shown.count("\n") == 6


def test_a_fault_is_switched_on_and_off(browser: Browser, call: Caller) -> None:
    """By the form, from a request; and by its switch, with the keyboard."""
    call("POST", "/v1/messages", json=message())
    browser.one("#requests tbody a").click()
    browser.one(".summary .button").click()
    pattern = browser.one("[name=pattern]")
    assert pattern.get_attribute("value") == MESSAGES
    browser.one("[data-preset*='529']").click()
    browser.one("#fault .primary").click()
    browser.shows("#switches", "on, not met yet")
    assert call("POST", "/v1/messages", json=message()).status_code == 529
    browser.shows("#switches", "met once")
    assert browser.text("#count-faults") == "1"
    browser.one("#switches [role=switch]").send_keys(Keys.SPACE)
    browser.shows("#switches", "off, met once")
    assert call("POST", "/v1/messages", json=message()).status_code == 200
    browser.one("#switches button").send_keys(Keys.ENTER)
    browser.until(lambda: browser.all("#no-switches"))
    assert browser.driver.switch_to.active_element == browser.one("[name=pattern]")


def test_a_fault_has_headers_and_a_body(browser: Browser, call: Caller) -> None:
    """By the form's further fields, for the next request only."""
    browser.view("faults")
    browser.one("[name=pattern]").send_keys("GET /v1/models")
    browser.one("#more summary").click()
    browser.one("[name=times]").send_keys("1")
    browser.one("[name=headers]").send_keys("x-one: 1\nx-two: 2: 3")
    browser.one("[name=body]").send_keys("hello")
    browser.one("#fault .primary").click()
    browser.shows("#switches", "1 left")
    answer = call("GET", "/v1/models")
    assert (answer.headers["x-two"], answer.text) == ("2: 3", "hello")
    browser.shows("#switches", "off, met once")
    assert call("GET", "/v1/models").status_code == 200


def test_a_fault_that_cannot_be_is_explained(browser: Browser) -> None:
    """What the sandbox has against it stands in the form."""
    browser.view("faults")
    browser.one("[name=pattern]").send_keys("messages")
    browser.one("[name=latency_s]").send_keys("1")
    browser.one("#fault .primary").click()
    browser.shows("#fault-problem", "METHOD /path")


def test_faults_of_a_program_are_shown(browser: Browser, box: Sandbox) -> None:
    """With how many are left."""
    box.fail("GET /v1/models", [500, 503])
    browser.view("faults")
    browser.shows("#ordered", "2 left")


def test_runs_are_shown(browser: Browser) -> None:
    """Numbers and cost in words, and a bar that tells them to a screen reader."""
    browser.view("runs")
    browser.shows("#runs", "620 done · 30 failed · 350 left · 9,000 tokens in, 1 out")
    browser.shows("#runs", " out · $1.25")
    bar = browser.one("#runs .meter")
    assert bar.get_attribute("aria-valuenow") == "650"
    assert bar.get_attribute("aria-valuemax") == "1000"
    browser.shows("#runs", "it is no journal")
    browser.shows("#runs", "deadstopped")
    browser.shows("#runs", "last news 5 min ago")


def test_the_work_of_the_sandbox_is_shown(browser: Browser, call: Caller) -> None:
    """Its batches and runs of workflows, with where they are."""
    batch = {"requests": [{"custom_id": "a", "params": message()}]}
    call("POST", "/v1/messages/batches", json=batch)
    path = f"/api/workflows/{quote('wf_fail' + EVIL, safe='')}/execute"
    call("POST", path, json={})
    browser.view("runs")
    browser.shows("#batches", "in progress1 request · not asked for yet")
    browser.shows("#executions", f"wf_fail{EVIL}failed")
    assert browser.text("#count-runs") == "5"


def test_the_list_is_filtered_paused_and_cleared(
    browser: Browser, call: Caller
) -> None:
    """Words choose among the requests; a paused list waits, and misses nothing."""
    call("GET", "/v1/models")
    call("GET", "/nowhere")
    browser.until(lambda: len(browser.all("#requests tbody tr")) == 2)
    browser.one("#filter").send_keys("404")
    browser.until(lambda: len(browser.all("#requests tbody tr")) == 1)
    browser.one("#filter").send_keys(Keys.BACKSPACE * 3)
    browser.one("#pause").click()
    call("GET", "/v1/files")
    browser.shows("#pause", "Resume (1)")
    assert len(browser.all("#requests tbody tr")) == 2
    browser.one("#pause").click()
    browser.until(lambda: len(browser.all("#requests tbody tr")) == 3)
    browser.one("#clear").click()
    browser.one("#no-requests")


def test_the_list_stays_small(browser: Browser, box: Sandbox) -> None:
    """Of many requests the last 500 are shown, and are all that a paused list has."""
    request = b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    browser.one("#pause").click()
    with socket.create_connection(("127.0.0.1", box.port), 10) as sock:
        sock.sendall(request * 600)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1 << 20):
            pass
    browser.shows("#pause", "Resume (500)")
    browser.one("#pause").click()
    browser.shows("#count-requests", "500+")
    assert browser.run("return document.querySelectorAll('#requests tr').length") == 501
    assert browser.text("#older") == "Only the last 500 requests are kept."
    browser.one("#clear").click()
    browser.one("#no-requests")


def test_it_is_used_with_the_keyboard(browser: Browser, call: Caller) -> None:
    """Arrows walk the list, which is one stop of the tabulator; Enter opens, and each
    part can be folded."""
    for _ in range(3):
        call("GET", "/v1/models")
    browser.until(lambda: len(browser.all("#requests tbody tr")) == 3)
    links = browser.all("#requests tbody a")
    links[0].send_keys(Keys.ARROW_DOWN)
    assert browser.driver.switch_to.active_element == links[1]
    links[1].send_keys(Keys.ENTER)
    browser.shows("#detail h2", "/v1/models")
    assert browser.run("return location.hash") == "#request/2"
    browser.all("#requests tbody a")[0].send_keys(Keys.END)
    assert browser.driver.switch_to.active_element == links[2]
    stops = "return document.querySelectorAll('#requests a[tabindex=\"0\"]').length"
    assert browser.run(stops) == 1
    fold = browser.one("#request-headers summary")
    fold.send_keys(Keys.ENTER)
    browser.one("#request-headers table")


def test_everything_that_is_used_has_a_name(browser: Browser, call: Caller) -> None:
    """A screen reader has a name for each link, field and button."""
    call("GET", "/v1/models")
    browser.view("faults")
    browser.one("[name=pattern]").send_keys(MESSAGES)
    browser.one("[data-preset*='500']").click()
    browser.one("#fault .primary").click()
    browser.one("#switches li")
    browser.one("#more summary").click()
    for view in ("requests", "faults", "runs", "request/1"):
        browser.view(view)
        browser.until(lambda: browser.all("main section"))
        for each in browser.all(USED):
            assert each.accessible_name.strip(), each.get_attribute("outerHTML")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out(browser: Browser, call: Caller, scheme: str) -> None:
    """Each text has a contrast of 4.5 to 1 or more, by day and by night."""
    browser.prefers(color_scheme=scheme, reduced_motion="reduce")
    call("POST", "/v1/messages", json=message(stream=True))
    call("GET", "/v1/models", headers={"x-sandbox-fault": "status=500"})
    call("GET", "/nowhere")
    browser.view("faults")
    browser.one("[name=pattern]").send_keys(MESSAGES)
    browser.one("[data-preset*='500']").click()
    browser.one("#fault .primary").click()
    browser.one("#switches li")
    for view in ("faults", "runs", "request/1", "request/2", "requests"):
        browser.view(view)
        browser.until(lambda: browser.all("main section"))
        assert browser.run(CONTRASTS) == []


CONTRASTS = """
const once = {willReadFrequently: true};
const canvas = document.createElement("canvas").getContext("2d", once);
const rgba = (color) => {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const light = ([r, g, b]) => {
  const [R, G, B] = [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * R + 0.7152 * G + 0.0722 * B;
};
const ground = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const color = rgba(getComputedStyle(at).backgroundColor);
    if (color[3] === 255) return color;
  }
  return [255, 255, 255];
};
const bad = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
  if (node.closest("noscript, datalist, .hidden, .skip")) continue;
  const [a, b] = [light(rgba(getComputedStyle(node).color)), light(ground(node))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 4.5) bad.push(`${walker.currentNode.data.trim()}: ${contrast}`);
}
return bad;
"""


def test_a_text_that_does_not_stand_out_is_found(browser: Browser) -> None:
    """The check sees grey on grey."""
    browser.run("document.querySelector('h1').style.color = '#bbb'")
    assert [each.split(":")[0] for each in browser.run(CONTRASTS)] == ["specwire"]


def test_it_fits_a_telephone(browser: Browser, call: Caller) -> None:
    """At 360 pixels nothing has to be scrolled sideways; a request fills the view."""
    browser.size(360)
    long = "/v1/" + "messages" * 30
    call("POST", long, data=json.dumps({"a" * 300: "b" * 300}))
    for view in ("requests", "request/1", "faults", "runs"):
        browser.view(view)
        browser.until(lambda: browser.all("main section"))
        assert browser.run("return document.documentElement.scrollWidth") <= 360
    browser.view("requests")
    browser.one("#requests tbody a").click()
    browser.one("#detail h2")
    assert not browser.all("#requests")
    browser.one(".back").click()
    link = browser.one("#requests tbody a")
    assert browser.driver.switch_to.active_element == link


def test_nothing_moves_for_those_who_asked(browser: Browser) -> None:
    """With reduced motion no transition takes time."""
    browser.prefers(color_scheme="light", reduced_motion="reduce")
    script = (
        "return [...document.querySelectorAll('*')].map((each) => "
        "getComputedStyle(each).transitionDuration).filter((each) => each !== '0s')"
    )
    assert browser.run(script) == []


def test_all_comes_from_the_sandbox(browser: Browser, box: Sandbox) -> None:
    """The page has loaded its files from this address, and nothing else."""
    names = browser.run(
        "return performance.getEntriesByType('resource').map((each) => each.name)"
    )
    assert len(names) > 6
    assert [name for name in names if not name.startswith(box.page_url)] == []


def test_a_lost_connection_is_told_and_found_again(
    browser: Browser, box: Sandbox, call: Caller
) -> None:
    """A sandbox that is closed and started again is watched on."""
    port = box.port
    box.close()
    browser.shows("#connection", "connection lost")
    with Sandbox(port, ui=True) as again:
        browser.shows("#connection", "live")
        Caller(again)("GET", "/v1/files")
        browser.shows("#requests tbody", "/v1/files")
        # It is another sandbox, with another token; the page has got it.
        browser.view("faults")
        browser.one("[name=pattern]").send_keys("GET /v1/models")
        browser.one("[data-preset*='500']").click()
        browser.one("#fault .primary").click()
        browser.shows("#switches", "on, not met yet")


def test_another_page_switches_nothing(
    browser: Browser, box: Sandbox, call: Caller
) -> None:
    """A request that a browser sends for a page of another port is refused."""
    place = f"{box.page_url}switches"
    with Sandbox() as other:
        browser.driver.get(f"{other.url}/v1/models")
        outcome = browser.driver.execute_async_script(
            """
            const [place, done] = arguments;
            const body = '{"pattern": "GET /v1/models", "status": 500}';
            fetch(place, {method: "POST", mode: "no-cors", body})
              .then(() => done("answered"), () => done("refused"));
            """,
            place,
        )
    assert outcome == "refused"
    assert call("GET", "/v1/models").status_code == 200
    browser.driver.get_log("browser")  # where it complains of this, rightly
