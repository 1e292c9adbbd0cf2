"""Keys: where they are found, where they stand, and that nobody sees them."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

import pytest

from specwire import AiClient
from specwire.chat import credentials
from specwire.chat.credentials import attachment, need, resolve, scheme
from specwire.chat.foreign import compiled
from specwire.chat.loader import ManifestLoader
from specwire.core.auth import Secret
from specwire.errors import APIConnectionError

from .request_records import provider

REPLICATE = {"type": "bearer", "env": ["R_TOKEN"], "conventional": ["R_API_KEY"]}
BOTH = {"R_TOKEN": "manifest-value", "R_API_KEY": "conventional-value"}


class Ring:
    """A keyring with one key in it, or one that fails."""

    def __init__(self, keys: Any) -> None:
        self.keys = keys

    def get_password(self, service: str, user: str) -> Any:
        if isinstance(self.keys, Exception):
            raise self.keys
        return self.keys.get((service, user))


NO_RING = Ring({})


@pytest.mark.parametrize(
    ("explicit", "environ", "ring", "kind", "name", "value"),
    [
        ("mine", BOTH, {}, "explicit", "explicit", "mine"),
        (" ", BOTH, {}, "manifest_env", "R_TOKEN", "manifest-value"),
        (None, BOTH, {}, "manifest_env", "R_TOKEN", "manifest-value"),
        (None, {**BOTH, "R_TOKEN": " "}, {}, "conventional_env", "R_API_KEY", None),
        (None, {}, {("ai-lib", "openai"): "k"}, "keyring", "ai-lib", "k"),
        (None, {}, {}, "none", None, None),
    ],
)
def test_the_chain(
    explicit: Any, environ: Any, ring: Any, kind: str, name: Any, value: Any
) -> None:
    """Explicit, the manifest's variable, the usual one, the keyring."""
    manifest = provider("openai", auth=REPLICATE)
    found = resolve(manifest, explicit, environ=environ, keyring=Ring(ring))
    assert (found.source_kind, found.source_name) == (kind, name)
    assert found.status == ("missing" if kind == "none" else "available")
    assert found.required == ["R_TOKEN"]
    assert found.conventional_fallbacks == ["R_API_KEY"]
    if value:
        assert found.secret is not None
        assert found.secret.reveal() == value


def test_a_missing_key_says_what_to_do() -> None:
    """The variables are named; their values are not there to be shown."""
    manifest = provider("openai", auth=REPLICATE)
    found = resolve(manifest, environ={}, keyring=NO_RING)
    want = "no key for 'openai': set R_TOKEN or R_API_KEY, or pass api_key="
    assert found.diagnostics == [want]
    assert found.diagnostic_text() == want


SHADOWED = {
    "type": "bearer",
    "env": ["NEW_TOKEN"],
    "conventional": ["X_API_KEY"],
    "shadowed": ["OLD_KEY"],
}


@pytest.mark.parametrize("environ", [{"NEW_TOKEN": "new"}, {}])
def test_an_overruled_block_is_named_and_not_read(environ: Any) -> None:
    """Its variable is told to the operator, never asked."""
    manifest = provider("openai", auth=SHADOWED)
    environ = {**environ, "OLD_KEY": "old-value"}
    found = resolve(manifest, environ=environ, keyring=NO_RING)
    assert found.available is ("NEW_TOKEN" in environ)
    assert "OLD_KEY" in found.diagnostic_text()
    assert "old-value" not in found.diagnostic_text()


def test_a_hosted_runtime_has_only_what_it_is_given() -> None:
    """WebAssembly reads no environment and no keyring."""
    manifest = provider("openai", auth=REPLICATE)
    ring = Ring({("specwire", "openai"): "k"})
    where = {"environ": BOTH, "keyring": ring, "runtime": "wasm32-wasip1"}
    given = resolve(manifest, "host", **where)
    assert (given.source_kind, given.source_name) == ("explicit", "host_supplied")
    assert (given.implicit_env_allowed, given.implicit_keyring_allowed) == (False,) * 2
    assert resolve(manifest, **where).status == "missing"


def test_a_provider_that_takes_no_key() -> None:
    """A local server needs none, and gets one that is given."""
    manifest = provider("openai", auth={"type": "none"})
    assert resolve(manifest, environ={}).status == "not_required"
    assert need(manifest) == (("key",), ())
    headers: dict[str, str] = {}
    scheme(manifest).put(Secret("k"), headers, {})
    assert headers == {"Authorization": "Bearer k"}


def test_a_keyring_that_fails_is_no_error() -> None:
    """A locked backend is a missing key."""
    manifest = provider("openai", auth=REPLICATE)
    ring = Ring(RuntimeError("locked"))
    assert resolve(manifest, environ={}, keyring=ring).status == "missing"


# -- on the request ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("auth", "headers", "query"),
    [
        ({"type": "bearer"}, {"Authorization": "Bearer {}"}, {}),
        (
            {"type": "bearer", "name": "Authorization", "prefix": "Token"},
            {"Authorization": "Token {}"},
            {},
        ),
        (
            {"type": "header", "name": "x-api-key", "prefix": ""},
            {"x-api-key": "{}"},
            {},
        ),
        ({"type": "header", "name": "X-T", "prefix": "Key "}, {"X-T": "Key {}"}, {}),
        ({"type": "query", "name": "key"}, {}, {"key": "{}"}),
    ],
)
def test_how_a_key_stands_on_a_request(auth: Any, headers: Any, query: Any) -> None:
    """A header with its prefix, or a member of the query; shown without the key."""
    manifest = provider("openai", auth={**auth, "env": ["K"]})
    put: tuple[dict[str, str], dict[str, str]] = ({}, {})
    how = scheme(manifest)
    how.put(Secret("s3cret"), *put)
    assert put == (
        {k: v.format("s3cret") for k, v in headers.items()},
        {k: v.format("s3cret") for k, v in query.items()},
    )
    shown = attachment(manifest, environ={"K": "s3cret"}, keyring=NO_RING)
    assert shown["headers"] == {k: v.format("<redacted>") for k, v in headers.items()}
    redacted = {k: v.format("<redacted>") for k, v in query.items()}
    assert shown["query_params"] == redacted
    assert (shown["source_kind"], shown["source_name"]) == ("manifest_env", "K")


def test_a_scheme_looks_the_key_up_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The environment is read at the time of the call."""
    how = scheme(provider("openai", auth=REPLICATE))
    assert how.variables == ("R_TOKEN", "R_API_KEY")
    monkeypatch.setenv("R_API_KEY", "later")
    monkeypatch.delenv("R_TOKEN", raising=False)
    found = how.found()
    assert found is not None
    assert found.reveal() == "later"


def test_a_callers_own_header_stands_in_for_the_key() -> None:
    """Who sends the header needs no key."""
    how = scheme(provider("anthropic"))
    assert how.stands_in({"x-api-key"})
    assert not how.stands_in({"authorization"})


# -- nobody sees it ----------------------------------------------------------------


def test_a_key_is_never_shown() -> None:
    """Not in a repr, not in what is handed out, not in a pickle."""
    manifest = provider("openai", auth=REPLICATE)
    found = resolve(manifest, "s3cret-value", environ=BOTH)
    shown = f"{found!r} {found.to_dict()} {found.diagnostics} {found.secret!r}"
    for value in ("s3cret-value", *BOTH.values()):
        assert value not in shown
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(found)


@pytest.mark.parametrize("explicit", ["s3cret\nvalue", None])
def test_a_refused_key_is_not_in_the_traceback(
    explicit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with a stray line end is not in the message, nor in any frame's locals."""
    manifest = provider("openai", auth=REPLICATE)
    monkeypatch.setenv("R_TOKEN", "s3cret\nvalue")
    with pytest.raises(ValueError, match="printable ASCII") as caught:
        resolve(manifest, explicit, keyring=NO_RING)
    stack = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    own = [f for f in stack.stack if f.filename == credentials.__file__]
    held = [v for f in own for v in (f.locals or {}).values()]
    assert own
    assert "s3cret" not in "".join(held) + str(caught.value)


def test_a_key_in_the_query_is_not_in_errors_or_logs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A server that cannot be reached: URLs are shown without the key, in any form."""
    manifest = {
        "id": "queryauth",
        "protocol_version": "1.5",
        "endpoint": {"base_url": "http://127.0.0.1:9/v1", "chat": "/chat"},
        "auth": {"type": "query_param", "key_env": "QK", "param_name": "api_key"},
        "capabilities": ["chat"],
    }
    loader = ManifestLoader()
    loader.register(compiled(manifest))
    builder = AiClient.builder().loader(loader).model("queryauth/m").max_retries(0)
    with builder.api_key("s3cret+/=value").build() as client, caplog.at_level("DEBUG"):
        with pytest.raises(APIConnectionError) as caught:
            client.chat().user("Hi").execute()
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "127.0.0.1" in shown
    for form in ("s3cret+/=value", "s3cret%2B%2F%3Dvalue"):
        assert form not in shown + str(caught.value.asked)
