"""Headers that a user puts into the environment, a line each: ``Name: value``.

For services that name a variable for it (``Service.headers_env``), such as
``ANTHROPIC_CUSTOM_HEADERS``. A value may be a gateway's credential, so it is never
shown, and errors are kept free of it. Loaded only where the variable is set.
"""

from __future__ import annotations

from .errors import RequestValidationError
from .wire import Hidden, checked_headers


def headers_in(variable: str, text: str) -> dict[str, str]:
    """The headers in ``text``, what ``variable`` holds; the last one of a name counts.

    :raises ValueError: for a line that is no header; it names the line, never shows it.
    """
    found: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        header = _header(line)
        if header is None:
            del line, text, found  # nor be read from this frame in a traceback
            raise ValueError(
                f"{variable}, line {number}: expected 'Name: value' with a name of "
                "letters, digits and -, and a value in Latin-1 (the line is not shown)"
            )
        found[header[0].lower()] = header
    return dict(found.values())


def _header(line: str) -> tuple[str, str] | None:
    name, colon, value = line.partition(":")
    header = name.strip(), Hidden(value.strip())
    try:
        checked_headers("", dict([header]))
    except RequestValidationError:
        return None
    return header if colon else None
