"""Files of settings: ``specwire.toml`` here or above, and the user's own.

They are TOML::

    model = "openai/gpt-4o"
    timeout = 60
    [api_keys]
    anthropic = "..."
    [base_urls]
    anthropic = "https://gateway.example"

What is in them is checked by name and type. A project's file that belongs to somebody
else is not read: whoever can write above this folder could send keys elsewhere.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from . import parsing
from .exits import UsageError

PROJECT: Final = "specwire.toml"
TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "model": (str,),
    "system": (str,),
    "max_tokens": (int,),
    "timeout": (int, float),
    "max_retries": (int,),
    "api_keys": (dict,),
    "base_urls": (dict,),
}

_FLAGS: Final[Mapping[str, Callable[[str], object]]] = {
    "max_tokens": parsing.count,
    "timeout": parsing.seconds,
    "max_retries": parsing.count_from_0,
}


class File(NamedTuple):
    """A file of settings as it was read.

    ``problem`` says why it is not used, or what is wrong about it.
    """

    kind: str
    path: str
    values: Mapping[str, Any]
    problem: str = ""


def user_path(environ: Mapping[str, str]) -> str:
    """Where the user's own settings are."""
    base = environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "specwire", "config.toml")


def project_path(folder: str) -> str | None:
    """The project's settings: those of ``folder``, or of the nearest above it."""
    here = os.path.abspath(folder)
    while True:
        path = os.path.join(here, PROJECT)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above


def found(environ: Mapping[str, str], folder: str) -> list[File]:
    """The files that there are, those that count more first.

    :raises UsageError: for a file that cannot be used.
    """
    files = []
    project = project_path(folder)
    if project is not None:
        strange = _strange_owner(project)
        values = {} if strange else read(project)
        files.append(File("project file", project, values, strange))
    user = user_path(environ)
    if os.path.isfile(user):
        values = read(user)
        files.append(File("user file", user, values, _too_open(user, values)))
    return files


def _strange_owner(path: str) -> str:
    if not hasattr(os, "getuid"):
        return ""
    owner = os.stat(path).st_uid
    if owner in (os.getuid(), 0):
        return ""
    return "it belongs to another user and is not read"


def _too_open(path: str, values: Mapping[str, Any]) -> str:
    if os.name == "nt" or not values.get("api_keys"):
        return ""
    if os.stat(path).st_mode & 0o077:
        return "it holds keys and others may read it: chmod 600 it"
    return ""


def read(path: str) -> Mapping[str, Any]:
    """The settings in the file at ``path``.

    :raises UsageError: where it is no TOML, or says what is no setting.
    """
    try:
        with open(path, encoding="utf-8") as file:
            values = _loads(file.read())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        # What a parser says may quote a line, and on that line may stand a key.
        place = str(error).rpartition("(")[2].rstrip(")")
        raise UsageError(f"{path}: is no TOML ({place})") from None
    for name, value in values.items():
        _check(path, name, value)
    return values


def _check(path: str, name: str, value: Any) -> None:
    if name not in TYPES:
        near = get_close_matches(name, TYPES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(TYPES)}"
        raise UsageError(f"{path}: no setting {name!r}; {hint}")
    kinds = TYPES[name]
    if not isinstance(value, kinds) or isinstance(value, bool):
        word = "a table" if kinds == (dict,) else kinds[0].__name__
        raise UsageError(f"{path}: {name}: expected {word}")
    checked(name, value, f"{path}: {name}")
    if isinstance(value, dict) and not all(isinstance(v, str) for v in value.values()):
        raise UsageError(f"{path}: {name}: expected a text for each service")


def checked(name: str, value: Any, place: str) -> Any:
    """The value, where it is one that the flag of this name would take.

    :raises UsageError: which names the place.
    """
    if name in _FLAGS:
        try:
            _FLAGS[name](str(value))
        except argparse.ArgumentTypeError as error:
            raise UsageError(f"{place}: {error}") from None
    return value


def _loads(text: str) -> dict[str, Any]:
    try:
        import tomllib
    except ImportError:  # Python 3.10
        from ..core.extras import needed

        with needed("cli", "a file of settings"):
            import tomli as tomllib  # type: ignore[import-not-found,no-redef,unused-ignore]
    values: dict[str, Any] = tomllib.loads(text)
    return values
