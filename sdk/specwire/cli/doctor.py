"""``specwire doctor``: what this installation has, and what is wrong with it.

Asked is the embedded sandbox, and the services with ``--online`` alone. Of keys is told
where they are from, and their last letters; of proxies the address without what it
signs in with.
"""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..core.errors import SpecwireError
from .exits import UsageError
from .output import document
from .parsing import Parser

if TYPE_CHECKING:
    from .settings import Settings

Report = dict[str, Any]

NEEDED: Final = {
    "requests": "2.32.4",
    "urllib3": "2.8.0",
    "attrs": "23.2.0",
    "cattrs": "24.1.0",
    "tenacity": "9.0.0",
    "jsonschema": "4.21.0",
}
"""The lowest version of each library; a test holds them against pyproject.toml."""
_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_FILES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def parser() -> Parser:
    parser = Parser(
        prog="specwire doctor",
        description="What this installation has, and what is wrong with it.",
        epilog="exit codes: 0 all is well, 1 something is wrong, 2 usage",
        examples=(
            ("specwire doctor", ""),
            ("specwire doctor --online", "ask the services as well"),
            ("specwire doctor --json", ""),
        ),
    )
    told = "ask the services whose keys there are; costs nothing"
    parser.add_argument("--online", action="store_true", help=told)
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def main(argv: Sequence[str]) -> int:
    """Print the report; 0 where all is well, 1 where not, 2 for wrong usage."""
    options = parser().parse_args(argv)
    report = examined(online=options.online)
    if options.json:
        document(report)
    else:
        from .doctor_view import lines

        print(*lines(report), sep="\n")
    return 1 if report["problems"] else 0


def examined(*, online: bool = False) -> Report:
    """What there is, by section; ``problems`` lists what keeps it from working."""
    from . import checks

    problems: list[str] = []
    settings = _settings(problems)
    report: Report = {
        **_itself(),
        "libraries": list(_libraries(problems)),
        "extras": list(_extras()),
        "plugins": list(_plugins(problems)),
        "settings": _found(settings, problems),
        "files": [{"kind": f.kind, "path": f.path} for f in settings.files],
        "keys": _keys(settings, problems),
        "network": list(_network(problems)),
        "state": _state(problems),
        "asked": [checks.sandbox()],
    }
    if online:
        report["asked"] += checks.services(settings)
    problems += checks.problems(report["asked"])
    return {**report, "problems": problems}


def _settings(problems: list[str]) -> Settings:
    from .settings import Settings

    try:
        settings = Settings()
    except (UsageError, ImportError) as error:
        problems.append(str(error))
        settings = Settings(files=())
    problems += (f"{f.path}: {f.problem}" for f in settings.files if f.problem)
    return settings


def _found(settings: Settings, problems: list[str]) -> Report:
    try:
        found = settings.all()
        for name in ("anthropic", "sim"):
            url = settings.base_url(name)
            if url is not None:
                found[f"base_urls.{name}"] = url._replace(value=_address(url.value))
    except UsageError as error:
        problems.append(str(error))
        return {}
    return {name: each._asdict() for name, each in found.items()}


def _itself() -> Report:
    from .. import __version__

    return {
        "specwire": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "place": os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
    }


def _version(distribution: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _libraries(problems: list[str]) -> Iterator[Report]:
    for name, least in NEEDED.items():
        found = _version(name)
        if found is None:
            problems.append(f"{name} is missing: pip install '{name}>={least}'")
        elif _numbers(found) < _numbers(least):
            problems.append(f"{name} {found} is too old: pip install '{name}>={least}'")
        yield {"name": name, "version": found, "least": least}


def _numbers(version: str) -> tuple[int, ...]:
    parts = (part for part in version.split("+")[0].split("."))
    return tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in parts)


def _extras() -> Iterator[Report]:
    from ..core.extras import EXTRAS, command

    for name, extra in sorted(EXTRAS.items()):
        versions = {dist: _version(dist) for dist in extra.all()}
        missing = [dist for dist, version in versions.items() if version is None]
        yield {
            "name": name,
            "what": extra.what,
            "installed": not missing,
            "versions": {k: v for k, v in versions.items() if v is not None},
            "missing": missing,
            "command": command(name) if missing else None,
        }


def _plugins(problems: list[str]) -> Iterator[dict[str, str]]:
    from ..plugins import PluginWarning, registry
    from . import NAMES

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        found = registry().check()
    for plugin in found:
        own = plugin.group == "commands" and plugin.name in NAMES
        if own and plugin.state == "working":
            plugin.fail("the specwire command has one of that name itself")
        if plugin.broken:
            problems.append(f"{plugin} ({plugin.value}) is broken: {plugin.reason}")
        yield plugin.to_dict()


def _keys(settings: Settings, problems: list[str]) -> Report:
    """By service, the variables that a key is looked up in, and the key that counts."""
    from ..chat import builtin
    from ..client import Client
    from .settings import key_problem, key_variables

    found: Report = {}
    for name in sorted({*Client._services, *builtin.ids()}):
        variables = key_variables(name)
        key = settings.key(name, keyring=name in Client._services)
        problem = key_problem(name, key)
        if problem:
            problems.append(problem)
        found[name] = {
            "variables": variables,
            "set": [v for v in variables if _is_set(v)],
            "source": key.source if key else None,
            "name": key.name if key else None,
            "shown": masked(key.value) if key else None,
        }
    return found


def masked(key: str) -> str:
    """A key, so that its owner knows it and nobody else can use it."""
    return f"…{key[-4:]}" if len(key) >= 20 else "…"


def _is_set(variable: str) -> bool:
    return bool(os.environ.get(variable, "").strip())


def _network(problems: list[str]) -> Iterator[Report]:
    for name in _PROXIES:
        for variable in (name, name.lower()):
            value = os.environ.get(variable, "").strip()
            if value:
                shown = value if name == "NO_PROXY" else _address(value)
                yield {"variable": variable, "value": shown}
    for variable in _FILES:
        path = os.environ.get(variable, "").strip()
        if path:
            yield {"variable": variable, "value": path}
            if not os.path.exists(path):
                problems.append(f"{variable}: there is nothing at {path}")
    from ..core.certificates import VARIABLE, chosen

    if os.environ.get(VARIABLE, "").strip():
        yield {"variable": VARIABLE, "value": os.environ[VARIABLE].strip()}
        try:
            chosen()
        except (ImportError, SpecwireError) as error:
            problems.append(str(error))


def _address(url: str) -> str:
    """``url`` without a user's name and password."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(not a URL)"
    return f"{parts.scheme}://{parts.hostname or '?'}{port}"


def _state(problems: list[str]) -> Report:
    """The folder in which usage is written down; nothing is made by looking."""
    from ..budgets.ledger import default_path

    folder = os.path.dirname(os.path.abspath(default_path()))
    there = folder
    while not os.path.exists(there) and os.path.dirname(there) != there:
        there = os.path.dirname(there)
    writable = os.path.isdir(there) and os.access(there, os.W_OK | os.X_OK)
    if not writable:
        problems.append(
            f"{folder}: usage cannot be written down there (by {there}); set "
            "SPECWIRE_LEDGER or XDG_STATE_HOME to a place that can be written"
        )
    return {"folder": folder, "exists": there == folder, "writable": writable}
