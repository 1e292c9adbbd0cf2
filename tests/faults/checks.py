"""Rules that some cases add: each gives what is wrong, or nothing."""

from __future__ import annotations

from .case import Outcome
from .client import Library


def same_idempotency_key(outcome: Outcome, library: Library) -> str | None:
    """All attempts of one call carry one key, so that the server can tell."""
    keys = {seen.headers.get("idempotency-key") for seen in outcome.log}
    if len(keys) != 1 or not all(keys):
        return f"idempotency keys of the attempts: {sorted(map(str, keys))}"
    return None


def same_body(outcome: Outcome, library: Library) -> str | None:
    """Every attempt that arrived whole carried the same body."""
    bodies = {_without_boundary(s) for s in outcome.log if s.whole}
    return None if len(bodies) == 1 else f"{len(bodies)} different bodies arrived"


def _without_boundary(seen: object) -> bytes:
    kind = getattr(seen, "headers", {}).get("content-type", "")
    body: bytes = getattr(seen, "body", b"")
    boundary = kind.partition("boundary=")[2].strip('"').encode()
    return body.replace(boundary, b"") if boundary else body


def no_get(outcome: Outcome, library: Library) -> str | None:
    """A POST stays a POST."""
    methods = {seen.method for seen in outcome.log + outcome.elsewhere}
    return None if methods <= {"POST"} else f"the POST became {methods}"


def nothing_elsewhere(outcome: Outcome, library: Library) -> str | None:
    """The other server is not asked at all."""
    count = len(outcome.elsewhere)
    return f"{count} requests went to another origin" if count else None


def no_cookie(outcome: Outcome, library: Library) -> str | None:
    """What a server sets is never sent back."""
    sent = [s.headers["cookie"] for s in outcome.log if "cookie" in s.headers]
    return f"cookies were sent: {sent}" if sent else None


def one_connection(outcome: Outcome, library: Library) -> str | None:
    """What cannot get better is not tried again."""
    count = outcome.connections
    return None if count == 1 else f"{count} connections were made"


def wish_is_told(outcome: Outcome, library: Library) -> str | None:
    """The error says how long the server asked to wait."""
    if library.exact and not outcome.facts.get("wish"):
        return "the server's wish is not on the error"
    return None


def bounded_memory(outcome: Outcome, library: Library) -> str | None:
    """The process grew by less than 128 MiB."""
    grown = outcome.facts.get("grown_mib", 10_000)
    return f"grew by {grown:.0f} MiB" if grown > 128 else None


def small_growth(outcome: Outcome, library: Library) -> str | None:
    """The process grew by less than 4 MiB."""
    grown = outcome.facts.get("grown_mib", 10_000)
    return f"grew by {grown:.1f} MiB" if grown > 4 else None


def key_is_sent(outcome: Outcome, library: Library) -> str | None:
    """The key, and nobody else's, is what authorises."""
    key = outcome.key.encode()
    missing = [seen for seen in outcome.log if key not in seen.head]
    foreign = [seen for seen in outcome.log if b"Basic " in seen.head]
    if missing or foreign:
        return "another credential was sent than the key"
    return None


def key_not_in_url(outcome: Outcome, library: Library) -> str | None:
    """URLs are logged by everyone on the way."""
    return (
        "the key is in the URL"
        if any(outcome.key in seen.target for seen in outcome.log)
        else None
    )


def few_connections(outcome: Outcome, library: Library) -> str | None:
    """A server that takes nobody is not stormed."""
    count = outcome.connections
    return f"{count} connections for 200 calls" if count > 250 else None


def none_left(outcome: Outcome, library: Library) -> str | None:
    """The connection of a stream that was left is not kept for it."""
    count = outcome.facts.get("left_open", 99)
    return f"{count} connections stayed open" if count > 1 else None


def whole_file(outcome: Outcome, library: Library) -> str | None:
    """What was to be sent is what arrived."""
    wanted = bytes(range(256)) * 274
    bodies = [seen.body for seen in outcome.log if seen.whole]
    found = bool(bodies) and all(wanted[:70_000] in body for body in bodies)
    return None if found else "the file did not arrive whole"


def one_part_head(outcome: Outcome, library: Library) -> str | None:
    """A file's name stays inside its quotes."""
    evil = [s for s in outcome.log if b"\nX-Evil" in s.body + s.head]
    return "a file's name became a header" if evil else None


def no_evil_line(outcome: Outcome, library: Library) -> str | None:
    """What the caller gave stays where it was given."""
    evil = [s for s in outcome.log if b"\nX-Evil" in s.head or b"\0" in s.head]
    return "a line was smuggled into the head" if evil else None


def path_is_kept(outcome: Outcome, library: Library) -> str | None:
    """An id is one segment of the path, whatever it is."""
    for seen in outcome.log:
        *folders, last = seen.target.split("/")
        if last in ("..", "%2e%2e") or ".." in folders or "?" in last:
            return f"another path was asked: {seen.target}"
        if last == "admin":
            return f"another path was asked: {seen.target}"
    return None
