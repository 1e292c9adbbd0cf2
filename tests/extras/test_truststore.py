"""The extra ``truststore``: who the system trusts, by a variable or a session."""

from __future__ import annotations

import http.server
import ssl
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from specwire import Client
from specwire.errors import APIConnectionError, SpecwireError
from tests.faults.server import CERTIFICATES

truststore = pytest.importorskip(
    "truststore", reason="the extra 'truststore' is not installed"
)
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the store cannot be chosen for a test"
)


class Answering(http.server.BaseHTTPRequestHandler):
    """An empty list of models, to whoever asks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"data": [], "has_more": false, "first_id": null, "last_id": null}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A refused handshake is what is tested."""


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server whose authority the system trusts, and nobody else."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "good.pem")
    server = Quiet(("127.0.0.1", 0), Answering)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def ask(url: str, session: requests.Session | None = None) -> object:
    with Client(
        api_keys={"anthropic": "k" * 20},
        base_urls={"anthropic": url},
        session=session,
        max_retries=0,
    ) as client:
        return client.models.list().data


def test_a_variable_asks_the_system(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, certifi's certificates decide, which do not know the authority."""
    with pytest.raises(APIConnectionError, match="certificate was refused"):
        ask(url)
    monkeypatch.setenv("SPECWIRE_CERTIFICATES", "certifi")
    with pytest.raises(APIConnectionError, match="certificate was refused"):
        ask(url)
    monkeypatch.setenv("SPECWIRE_CERTIFICATES", "system")
    assert ask(url) == []


def test_a_session_may_bring_it(url: str) -> None:
    """By an adapter that is mounted in it."""

    class System(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **settings: Any) -> None:
            settings["ssl_context"] = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            super().init_poolmanager(*args, **settings)

    session = requests.Session()
    session.mount("https://", System())
    assert ask(url, session) == []


def test_a_stranger_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom the system does not trust stays outside, with the variable too."""
    monkeypatch.setenv("SPECWIRE_CERTIFICATES", "system")
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "selfsigned.pem"))
    with pytest.raises(APIConnectionError, match="certificate was refused"):
        ask(url)


def test_a_word_that_means_nothing_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sent."""
    monkeypatch.setenv("SPECWIRE_CERTIFICATES", "sytem")
    with pytest.raises(SpecwireError, match="'certifi', got 'sytem'"):
        ask(url)
