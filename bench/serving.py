"""Builds, starts and ends the loopback server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SOURCES = Path(__file__).resolve().parent / "server"
LIFE_S = 60 * 60
DELIVERED = 300
"""Events of a stream whose delivery is measured."""


class Loopback(NamedTuple):
    """A running server."""

    port: int
    kind: str
    """What serves: "C" or "Python (slow)"."""


def command(build: Path) -> tuple[list[str], str]:
    """Give the command that starts a server, compiled when there is a C compiler."""
    source, program = SOURCES / "loopback.c", build / "loopback"
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler and sys.platform.startswith("linux"):
        build.mkdir(parents=True, exist_ok=True)
        flags = ["-O2", "-o", str(program)]
        made = subprocess.run(
            [compiler, *flags, str(source)], capture_output=True, check=False
        )
        if made.returncode == 0:
            return [str(program)], "C"
    return [sys.executable, str(SOURCES / "loopback.py")], "Python (slow)"


def many_files() -> None:
    """Let this process and its children have as many connections as they may."""
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def delivering() -> Iterator[str]:
    """Give the base URL of a server whose events say when they were written."""
    command = [sys.executable, str(SOURCES / "timed.py"), str(DELIVERED)]
    with _running(command, "timed") as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def secured(beside: str) -> Iterator[str]:
    """Give the base URL of a TLS server, whose certificate is made to be trusted.

    It is put behind the usual bundle: reading that is what a new connection may cost.
    The files lie beside the file ``beside``.
    """
    import certifi

    folder = Path(beside).parent
    certificate, key = folder / "server.pem", folder / "server.key"
    bundle = folder / "bundle.pem"
    if not bundle.exists():
        subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", str(key), "-out", str(certificate)]
        made = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
        ]
        subprocess.run([*made, *subject, *files], check=True, capture_output=True)
        usual = Path(certifi.where()).read_text()
        bundle.write_text(usual + certificate.read_text())
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        os.environ[name] = str(bundle)
    reply = folder / "replies" / "message"
    files = [str(certificate), str(key), str(reply)]
    command = [sys.executable, str(SOURCES / "secure.py"), *files]
    with _running(command, "TLS") as port:
        yield f"https://127.0.0.1:{port}"


@contextmanager
def serve(start: list[str], kind: str, replies: Path) -> Iterator[Loopback]:
    """Run a server on ``replies`` until the block ends."""
    with _running([*start, str(replies), str(LIFE_S)], kind) as port:
        yield Loopback(port, kind)


@contextmanager
def _running(command: list[str], kind: str) -> Iterator[int]:
    many_files()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:  # closes the pipes, which ends the server, and waits for it
        assert process.stdout is not None and process.stdin is not None
        line = process.stdout.readline().strip()
        if not line.isdigit():
            process.stdin.close()
            raise RuntimeError(
                f"the loopback server ({kind}) printed {line!r} instead of its port"
            )
        try:
            yield int(line)
        finally:
            process.stdin.close()
