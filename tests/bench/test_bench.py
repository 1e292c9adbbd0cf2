"""The bench: its server gives every reply, its arithmetic is right, its checks bite.

Nothing is timed here. The modules of ``bench/`` stand beside each other, as scripts do.
"""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import bars  # noqa: E402
import figures  # noqa: E402
import measure  # noqa: E402
import peers  # noqa: E402
import replies  # noqa: E402
import serving  # noqa: E402
import table  # noqa: E402

SCALE = figures.Scale(1, 5, 5, 1_000, 200, 300_000, 1_200, 40, 100)
PYTHON_SERVER = [sys.executable, str(BENCH / "server" / "loopback.py")]


@pytest.fixture(scope="module")
def canned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all replies, and a file to upload."""
    folder = tmp_path_factory.mktemp("bench")
    sizes = {"events": SCALE.events, "lines": SCALE.lines}
    replies.write(folder / "replies", **sizes, file_size=SCALE.file_size)
    (folder / "upload.bin").write_bytes(bytes(SCALE.file_size))
    return folder


# The slower server is asked in the long runs.
EACH = ["C", pytest.param("Python", marks=pytest.mark.soak)]


@pytest.fixture(scope="module", params=EACH)
def job(request: pytest.FixtureRequest, canned: Path) -> Iterator[measure.Job]:
    """A job against each of the two servers, with this interpreter."""
    command, kind = PYTHON_SERVER, "Python"
    if request.param == "C":
        command, kind = serving.command(canned / "build")
        if kind != "C":
            pytest.skip("no C compiler here, or not Linux: make soak has the other")
    with serving.serve(command, kind, canned / "replies") as server:
        spawn = measure.spawner(Path(sys.executable))
        yield measure.Job(spawn, server.port, SCALE, canned / "upload.bin")


def ask(port: int, method: str, path: str, body: str = "") -> tuple[int, bytes]:
    """Send one request with nothing but the standard library."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def test_a_message_has_the_fields_that_the_api_promises(job: measure.Job) -> None:
    """The small reply is a whole message of about 1.2 KB."""
    status, body = ask(job.port, "POST", "/v1/messages", "{}")
    message = json.loads(body)
    required = {"id", "type", "role", "model", "content", "stop_reason", "usage"}
    assert (status, set()) == (200, required - set(message))
    assert 1_000 < len(body) < 1_400


@pytest.mark.parametrize("flag", ['{"stream":true}', '{"stream": true}'])
def test_a_stream_has_as_many_events_as_asked(job: measure.Job, flag: str) -> None:
    """The request's flag gives a stream, however its JSON is spaced."""
    for path in ("/v1/messages", "/drip/v1/messages"):
        _, body = ask(job.port, "POST", path, flag)
        assert (path, SCALE.events) == (path, body.count(b"\n\n"))


def test_a_batch_names_results_on_the_same_server(job: measure.Job) -> None:
    """The placeholder for the port is filled in."""
    _, body = ask(job.port, "GET", "/v1/messages/batches/msgbatch_1")
    base = f"http://127.0.0.1:{job.port}"
    url = json.loads(body)["results_url"]
    assert f"{base}/v1/messages/batches/msgbatch_1/results" == url
    _, lines = ask(job.port, "GET", url.removeprefix(base))
    assert len(lines.splitlines()) == SCALE.lines


def test_an_unknown_path_is_refused(job: measure.Job) -> None:
    """A client that asks for something else gets 404, not a canned reply."""
    assert ask(job.port, "GET", "/v1/nothing")[0] == 404


def test_one_connection_serves_chunked_and_plain_requests(job: measure.Job) -> None:
    """Bodies of either framing are read to their end and no further."""
    connection = http.client.HTTPConnection("127.0.0.1", job.port, timeout=10)
    seen = []
    for body in (iter([b"x" * 70_000, b"yy"]), b"z" * 200_000, b""):
        connection.request("POST", "/v1/files", body)
        seen.append(json.loads(connection.getresponse().read())["id"])
    connection.close()
    assert seen == ["file_1"] * 3


USUAL = ("call", "events", "start")
RAW = [
    pytest.param(f.name, marks=() if f.name in USUAL else pytest.mark.soak)
    for f in figures.FIGURES
    if f.name == "start" or (f.method and hasattr(peers.Requests, f.method))
]


@pytest.mark.parametrize("name", RAW)
def test_raw_requests_gives_every_figure(job: measure.Job, name: str) -> None:
    """Each measurement runs in its own process and gives a value for each row."""
    (figure,) = figures.chosen([name])
    values = measure.one(figure, peers.Requests, job)
    assert {row.key for row in figure.rows} == set(values)


def test_a_runs_memory_is_measured_without_a_server(job: measure.Job) -> None:
    """Of specwire alone: raw requests have no run."""
    (figure,) = figures.chosen(["run_memory"])
    values = measure.one(figure, peers.Specwire, job)
    assert {row.key for row in figure.rows} == set(values)


@pytest.mark.parametrize("name", ["async_calls", "async_steady", "async_streams"])
def test_tasks_give_every_figure(job: measure.Job, name: str) -> None:
    """Of specwire; each value is there, and all answers were."""
    (figure,) = figures.chosen([name])
    values = measure.one(figure, peers.Specwire, job)
    assert {row.key for row in figure.rows} == set(values)


MANY = [SCALE.many, pytest.param(figures.FULL.many, marks=pytest.mark.soak)]


@pytest.mark.parametrize("many", MANY)
def test_many_tasks_stay_small(job: measure.Job, many: int) -> None:
    """All calls are answered, and an open stream takes 60 KB at most."""
    (figure,) = figures.chosen(["async_many"])
    scale = SCALE._replace(many=many)
    values = measure.one(figure, peers.Specwire, job._replace(scale=scale))
    assert {row.key for row in figure.rows} == set(values)
    assert values["async_many_memory"] <= 60


def test_work_that_was_not_done_is_a_failure(canned: Path) -> None:
    """A reply other than the one sent gives no figure but a reason."""
    spawn = measure.spawner(Path(sys.executable))
    with serving.serve(PYTHON_SERVER, "Python", canned / "replies") as server:
        more = SCALE._replace(events=SCALE.events * 2)
        job = measure.Job(spawn, server.port, more, canned / "upload.bin")
        results = measure.Results()
        (figure,) = figures.chosen(["events"])
        measure.rounds(figure, ["requests"], job, results)
    reason = results.failures["events", "requests"]
    assert f"the client gave {SCALE.events}" in reason
    assert "failed" in table.lines([figure], {"requests": "1"}, results)[-1]


def test_a_ratio_is_made_inside_a_round() -> None:
    """The median of the rounds' ratios, not the ratio of the medians."""
    results = measure.Results()
    for base, mine in ((1.0, 2.0), (10.0, 30.0), (4.0, 16.0)):
        results.add("requests", {"call": base})
        results.add("anthropic", {"call": mine})
    cell = results.cell("call", "anthropic")
    assert cell is not None
    assert (cell.value, cell.ratio) == (16.0, 3.0)


def test_the_table_has_a_column_for_each_client() -> None:
    """Values, ratios and dashes stand where they belong."""
    results = measure.Results()
    results.add("requests", {"call": 400.0})
    results.add("anthropic", {"call": 600.0})
    columns = {"requests": "2", "anthropic": "1", "simstudio": "1"}
    line = table.lines(figures.chosen(["call"]), columns, results)[-1]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells == ["one small call", "CPU µs", "400", "600 (1.50x)", "-"]


def test_an_unknown_figure_is_named() -> None:
    """The message says what there is instead."""
    with pytest.raises(ValueError, match="no figure 'calls'; there are: import"):
        figures.chosen(["calls"])


def measured(**values: dict[str, list[float]]) -> measure.Results:
    """Results with these samples, by row and peer."""
    results = measure.Results()
    results.samples.update(values)
    return results


def test_a_bar_is_kept_or_it_says_so() -> None:
    """Ratios are made inside each round; a figure is taken as it is."""
    rows = figures.chosen(["call", "lines", "import"])
    good = measured(
        call={"specwire": [40, 80, 41], "requests": [100, 200, 100]},
        lines={"specwire": [31.0], "anthropic": [10.0]},
    )
    said = bars.lines(rows, good)
    assert any("<= 0.5x requests | 0.40 | yes" in line for line in said)
    assert any(">= 3x anthropic | 3.10 | yes" in line for line in said)
    slow = measured(call={"specwire": [60.0], "requests": [100.0]})
    assert any("0.60 | NO" in line for line in bars.lines(rows, slow))
    assert not any("import" in line for line in bars.lines(rows, slow))


def test_what_a_layer_adds_is_held_to_the_machines_speed() -> None:
    """Where plain requests takes twice its time, so may a layer."""
    rows = figures.chosen(["layers"])
    calls = {"requests": [2.0 * bars.USUAL_CALL]}
    for took, said in ((9.8, "4.90 | yes"), (10.4, "5.20 | NO")):
        found = measured(call=calls, layer_metrics={"specwire": [took]})
        assert any(said in line for line in bars.lines(rows, found))
    alone = measured(layer_metrics={"specwire": [1.0]})
    assert not any("metrics" in line for line in bars.lines(rows, alone))


def test_every_bar_is_of_a_figure() -> None:
    """A bar whose row was renamed would never be looked at again."""
    rows = {row.key for figure in figures.FIGURES for row in figure.rows}
    names = {peer.name for peer in peers.PEERS} | {""}
    assert {bar.key for bar in bars.BARS} <= rows
    assert {bar.peer for bar in bars.BARS} <= names


def test_the_scores_of_clients_that_did_not_run_are_kept() -> None:
    """What the page says reads back as it was written, and a new column joins it."""
    import faults

    before = faults.kept()
    shown = {
        **before,
        "compat.anthropic": {"conn": "1/1", "**all**": "**1/1 (100 %)**"},
    }
    lines = faults.page(shown).splitlines()
    assert set(before) <= set(lines[0].strip("| ").split(" | "))
    assert {"specwire", "anthropic"} <= set(before)
    assert before["anthropic"]["conn"] in next(x for x in lines if "| conn |" in x)
