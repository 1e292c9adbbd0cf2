"""What is taken out of a cassette, and what is left in it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urlencode

import pytest

from specwire.testing.scrubbing import Scrubber

OWN = 'Zq8-plain.key+of/no="shape9'
SECRET = "v4lue-of-7"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----"


def cleaned(text: str) -> str:
    """``text`` as a cassette has it, of a client whose key is ``OWN``."""
    scrubber = Scrubber()
    scrubber.learn_keys([OWN])
    return scrubber.content(text.encode()).decode()


@pytest.mark.parametrize(
    "form",
    [
        OWN,
        quote(OWN, safe=""),
        json.dumps({"echo": OWN}),
        json.dumps({"echo": OWN}).replace("/", r"\/").replace("+", r"\u002b"),
        json.dumps({"echo": json.dumps({"echo": OWN})}),
        OWN.encode().hex(),
        *(
            base64.b64encode(f"{who}:{OWN}:x".encode()).decode()
            for who in ("", "a", "bc")
        ),
        base64.urlsafe_b64encode(f"{OWN}?>".encode()).decode(),
    ],
)
def test_the_clients_own_key(form: str) -> None:
    """As it is, and as servers repeat it: quoted, escaped, in base64 at any place."""
    text = cleaned(form)
    assert "***" in text
    assert len(text) <= len(form) - len(OWN) + 8


@pytest.mark.parametrize(
    "text",
    [
        *(
            json.dumps({name: SECRET})
            for name in (
                *(
                    "password",
                    "Passphrase",
                    "clientSecret",
                    "x-api-key",
                    "OPENAI_API_KEY",
                ),
                *("session_token", "credential", "Authorization", "set-cookie"),
                *("aws_secret_access_key", "privateKey", "refreshToken"),
            )
        ),
        json.dumps({"password": f'with " and \\ and {SECRET}'}),
        json.dumps({"token": f"{SECRET}-{SECRET}"}),
        json.dumps({"api_keys": [SECRET, SECRET], "secrets": {"mail": SECRET}}),
        json.dumps({"text": json.dumps({"password": SECRET})}),
        json.dumps({"text": repr({"api_key": SECRET})}),
        json.dumps({"text": f"export OPENAI_API_KEY={SECRET}\nnext"}),
        json.dumps({"text": f'Client(api_key="{SECRET}", timeout=5)'}),
        json.dumps({"text": f"api_key: {SECRET}\nX-Api-Key: {SECRET}"}),
        json.dumps({"text": f"Authorization: Bearer {SECRET}, basic {SECRET}"}),
        json.dumps({"text": f"https://ann:{SECRET}@example.com/"}),
        f"https://x.example/?sig={SECRET}&next=1",
        f"https://x.example/?X-Amz-Signature={SECRET}&X-Amz-Security-Token={SECRET}",
        f"https://x.example/?to=https%3A%2F%2Fy%3Faccess_token%3D{SECRET}",
        urlencode(
            {"grant_type": "x", "client_secret": SECRET, "refresh_token": SECRET}
        ),
        f"grant_type=authorization_code&code={SECRET}",
        f'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n{SECRET}\r\n--b',
        json.dumps({"text": JWT}),
        json.dumps({"pem": PEM}),
        *(
            f"use {kind}0123456789abcdef"
            for kind in ("sk-", "ghs_", "whsec_", "nvapi-")
        ),
    ],
)
def test_keys_behind_names_and_by_their_looks(text: str) -> None:
    """In JSON, in texts, links and forms; JSON stays JSON of the same members."""
    got = cleaned(text)
    assert "***" in got
    for secret in (SECRET, "MIIEvQIBADANBg", "eyJzdWIiOiIxIn0", "0123456789abcdef"):
        assert secret not in got
    if text.startswith("{"):
        assert json.loads(got).keys() == json.loads(text).keys()


@pytest.mark.parametrize(
    "text",
    [
        "A basic understanding of bearer authentication. The secret: patience.",
        '{"max_tokens": 5, "token": "Hello", "logprob": -1, "cookies": 3}',
        "key: value, primary_key=12, Client(api_key=os.environ['X'])",
        "https://x.example/?page_token=abc&cursor=2&code=DE",
        '{"password": null, "secret": 5, "token_type": "bearer", "key": "a/b.txt"}',
        '{"signature": "EqQBCgIYAhIM", "type": "thinking"}',
    ],
)
def test_what_is_no_key_stays(text: str) -> None:
    """Words of a prose, counts, page marks, what signs a thought."""
    assert cleaned(text) == text


def test_members_behind_a_link_stay() -> None:
    """A key in a link ends with its string."""
    text = '{"url":"https://x.example/?key=abc","next":{"page":1}}'
    assert json.loads(cleaned(text)) == {
        "url": "https://x.example/?key=***",
        "next": {"page": 1},
    }


def test_a_key_across_the_events_of_a_stream() -> None:
    """A model tells it in pieces; borders of chunks lie where they lay."""
    parts = [
        "my key: ",
        OWN[:5],
        OWN[5:9],
        f"{OWN[9:]} and sk-",
        "0123456789",
        "abcdef",
    ]
    events = [
        f'data: {{"delta":{{"text":{json.dumps(p)}}}}}\n\n'.encode() for p in parts
    ]
    whole = b"".join(events)
    scrubber = Scrubber()
    scrubber.learn_keys([OWN])
    for size in (7, 30, len(whole)):
        chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
        got = scrubber.chunks(chunks)
        assert len(got) == len(chunks)
        lines = b"".join(got).decode().split("\n\n")[:-1]
        texts = [json.loads(line[6:])["delta"]["text"] for line in lines]
        assert "".join(texts) == "my key: *** and ***"
