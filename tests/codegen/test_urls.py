"""Documents from the network: asked for only when allowed, then by a lock."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from specwire_codegen import remote
from specwire_codegen.cli import main

from .building import document, reads, replies, saved
from .serving import Pages, serving

BOX = {"type": "object", "properties": {"a": {"type": "string"}}}
API = reads(Box=BOX)


def referring(target: str) -> dict[str, Any]:
    """A document whose only reply is a reference."""
    get = {"operationId": "getBox", "responses": replies({"$ref": target})}
    return document({"/box": {"get": get}})


@pytest.fixture
def server() -> Iterator[Pages]:
    with serving({"/v1/api.json": API, "/v1/box.json": BOX}) as pages:
        yield pages


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def run(command: str, spec: object, out: Path, *more: str) -> int:
    return main([command, str(spec), "-o", str(out), "--package", "shop", *more])


def lock(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "shop/codegen.lock").read_text())
    return found


Capture = pytest.CaptureFixture[str]


def test_nothing_is_asked_unless_allowed(
    server: Pages, out: Path, tmp_path: Path, capsys: Capture
) -> None:
    """A URL is refused as document, overlay and reference; the flag is named."""
    url = f"{server.url}/v1/api.json"
    assert run("build", url, out) == 2
    assert run("build", saved(API, tmp_path), out, "--overlay", url) == 2
    assert run("build", saved(referring(url), tmp_path, "r.json"), out) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if "R002" in line]
    assert len(lines) == 3
    assert all(f"{url} is on the network" in line for line in lines)
    assert all("--allow-url" in line for line in lines)
    assert "r.json:1:" in lines[2]
    assert (server.asked, out.exists()) == ([], False)


def test_a_fetched_document_is_locked_and_kept(server: Pages, out: Path) -> None:
    """Its hash is in the lock under its URL; the next runs need no network."""
    url = f"{server.url}/v1/api.json"
    assert run("build", url, out, "--allow-url") == 0
    assert (out / "shop/models/box.py").exists()
    (known,) = lock(out)["urls"].items()
    assert known[0] == url
    assert (out / f"shop/codegen.urls/{known[1]}.json").exists()
    server.asked.clear()
    for command in ("build", "check"):
        assert run(command, url, out) == 0
    assert main(["explain", url, "-o", str(out), "--package", "shop", "Box"]) == 0
    assert server.asked == []


def test_no_credentials_are_sent(
    server: Pages, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither .netrc nor a proxy has a part in it; user names in a URL are refused."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert run("build", f"{server.url}/v1/api.json", out, "--allow-url") == 0
    (_, headers), *_ = server.asked
    known = {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    assert headers.keys() == known
    with pytest.raises(SystemExit):
        run("build", "http://me:secret@127.0.0.1/x.json", out, "--allow-url")


def test_a_document_that_changed_is_not_taken_silently(
    server: Pages, out: Path, capsys: Capture
) -> None:
    """With the flag the change is an error; without it the copy is used."""
    url = f"{server.url}/v1/api.json"
    run("build", url, out, "--allow-url")
    server.pages["/v1/api.json"] = reads(Crate=BOX)
    capsys.readouterr()
    assert run("build", url, out, "--allow-url") == 2
    assert f"{url} changed: it is not what the lock says" in capsys.readouterr().err
    assert run("check", url, out) == 0
    assert run("check", url, out, "--allow-url", "--update-urls") == 1
    assert run("build", url, out, "--allow-url", "--update-urls") == 0
    assert (out / "shop/models/crate.py").exists()
    assert len(list((out / "shop/codegen.urls").iterdir())) == 1
    assert run("check", url, out) == 0


def test_a_server_that_is_away_is_a_warning(out: Path, capsys: Capture) -> None:
    """What is locked and kept is used; what is not cannot be had."""
    with serving({"/api.json": referring("box.json"), "/box.json": BOX}) as pages:
        url = f"{pages.url}/api.json"
        assert run("build", url, out, "--allow-url") == 0
    capsys.readouterr()
    assert run("build", url, out, "--allow-url") == 0
    assert capsys.readouterr().err.count("warning S012") == 1
    assert run("build", url, out / "other", "--allow-url") == 2
    assert "cannot be had: no answer: " in capsys.readouterr().err


def test_a_copy_that_was_edited_is_refused(
    server: Pages, out: Path, capsys: Capture
) -> None:
    """The kept bytes are what the lock says, or nothing is generated."""
    url = f"{server.url}/v1/api.json"
    run("build", url, out, "--allow-url")
    (copy,) = (out / "shop/codegen.urls").iterdir()
    copy.write_text(copy.read_text().replace("string", "integer"))
    assert run("build", url, out) == 2
    assert "is not what the lock says" in capsys.readouterr().err
    assert run("build", url, out, "--allow-url", "--update-urls") == 0
    shutil.rmtree(copy.parent)
    assert run("build", url, out) == 2
    assert "its copy in codegen.urls/ is missing" in capsys.readouterr().err
    assert run("build", url, out, "--allow-url") == 0
    assert run("build", url, out) == 0


def test_overlays_and_plans_may_name_urls(
    server: Pages, out: Path, tmp_path: Path
) -> None:
    """What a plan names is the user's word, as on the command line."""
    update = {"target": "$.info", "update": {"title": "Other"}}
    overlay = {"overlay": "1.0.0", "info": {}, "actions": [update]}
    server.pages["/o.json"] = overlay
    (tmp_path / "plan.toml").write_text(
        '[package]\nname = "shop"\nout = "out/shop"\n[[document]]\n'
        f'file = "{server.url}/v1/api.json"\noverlays = ["{server.url}/o.json"]\n'
    )
    plan = ["--plan", str(tmp_path / "plan.toml")]
    assert main(["build", *plan]) == 2
    assert main(["build", *plan, "--allow-url"]) == 0
    assert len(lock(out)["urls"]) == 2
    assert "Client for Other" in (out / "shop/__init__.py").read_text()
    assert main(["check", *plan]) == 0


# -- references ----------------------------------------------------------------------


def test_relative_references_stay_on_the_server(
    server: Pages, out: Path, capsys: Capture
) -> None:
    """They resolve against the document's URL; another origin is refused."""
    server.pages["/v1/sub/r.json"] = referring("../box.json")
    assert run("build", f"{server.url}/v1/sub/r.json", out, "--allow-url") == 0
    assert server.paths == ["/v1/sub/r.json", "/v1/box.json"]
    assert len(lock(out)["urls"]) == 2
    for target in ("//127.0.0.1:9/x.json", "file:///etc/passwd", "C:\\x"):
        server.pages["/r2.json"] = referring(target)
        capsys.readouterr()
        assert run("build", f"{server.url}/r2.json", out / "2", "--allow-url") == 2
        assert "error R00" in capsys.readouterr().err
    assert len(server.asked) == 5


def test_references_to_private_addresses_are_refused(
    server: Pages, out: Path, tmp_path: Path, capsys: Capture
) -> None:
    """A document cannot send the generator into a private network; the user can."""
    spec = saved(referring(f"{server.url}/v1/box.json"), tmp_path)
    assert run("build", spec, out, "--allow-url") == 2
    error = capsys.readouterr().err
    assert "127.0.0.1 is a private address" in error
    assert "--allow-private 127.0.0.1" in error
    assert server.asked == []
    private = ("--allow-url", "--allow-private", "127.0.0.1")
    assert run("build", spec, out, *private) == 0
    assert run("check", spec, out) == 0


def test_a_run_fetches_a_bounded_number(
    server: Pages, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A document that refers to ever more of them is stopped."""
    monkeypatch.setattr(remote, "URLS", 3)
    for n in range(9):
        server.pages[f"/{n}.json"] = {"properties": {"a": {"$ref": f"{n + 1}.json"}}}
    server.pages["/r.json"] = referring("0.json")
    assert run("build", f"{server.url}/r.json", out, "--allow-url") == 2
    assert "more than 3 URLs are needed" in capsys.readouterr().err
    assert len(server.asked) == 3


def test_findings_in_a_fetched_document_have_a_place(
    server: Pages, out: Path, capsys: Capture
) -> None:
    """The line and column are of what was fetched, though it is on no disk."""
    server.pages["/r.json"] = json.dumps(referring("#/nope"), indent=1).encode()
    assert run("build", f"{server.url}/r.json", out, "--allow-url") == 2
    line = capsys.readouterr().err.splitlines()[0]
    assert line.startswith(f"{server.url}/r.json:")
    assert line.split(": error ")[0].split(":")[-2:] != ["1", "1"]
    assert not out.exists()


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (404, "the server answers 404"),
        (b"<html>", "not an OpenAPI"),
        (b"{", "this is not JSON"),
        (b"", "the file is empty"),
        (b"\xff\xfe\xff", "is not UTF"),
    ],
)
def test_replies_that_are_no_document(
    page: Any, said: str, server: Pages, out: Path, capsys: Capture
) -> None:
    """Each is a message and nothing is written or locked."""
    path = "/x.yaml" if page == b"<html>" else "/x.json"
    server.pages[path] = page
    assert run("build", server.url + path, out, "--allow-url") == 2
    error = capsys.readouterr().err
    assert said in error or "expected an object" in error
    assert not out.exists()
