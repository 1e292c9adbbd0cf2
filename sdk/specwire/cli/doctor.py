"""``specwire doctor``: what this installation has, and what is wrong with it.

Nothing is sent and nothing is asked of a server. Of keys only the variables' names are
told, of proxies the address without what it signs in with.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from ..core.errors import SpecwireError

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


def main(argv: Sequence[str]) -> int:
    """Print the report; 0 where all is well, 1 where not, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="specwire doctor",
        description="What this installation has, and what is wrong with it.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(argv)
    report = examined()
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print(*_lines(report), sep="\n")
    return 1 if report["problems"] else 0


def examined() -> Report:
    """What there is, by section; ``problems`` lists what keeps it from working."""
    problems: list[str] = []
    report: Report = {
        **_itself(),
        "libraries": list(_libraries(problems)),
        "extras": list(_extras()),
        "plugins": list(_plugins(problems)),
        "keys": _keys(),
        "network": list(_network(problems)),
        "state": _state(problems),
    }
    return {**report, "problems": problems}


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


def _keys() -> Report:
    """By service, the variables that a key is looked up in, and those that are set."""
    from ..chat import builtin
    from ..client import Client

    found: dict[str, list[str]] = {}
    for name, service in Client._services.items():
        found[name] = [
            variable
            for scheme in service.schemes.values()
            for variable in scheme.variables
        ]
    for provider in builtin.ids():
        auth: Mapping[str, Any] = builtin.record(provider).get("auth") or {}
        variables = (*(auth.get("env") or ()), *(auth.get("conventional") or ()))
        found[provider] = [*found.get(provider, ()), *variables]
    return {
        name: {
            "variables": list(dict.fromkeys(variables)),
            "set": [v for v in dict.fromkeys(variables) if _is_set(v)],
        }
        for name, variables in sorted(found.items())
        if variables
    }


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


# -- for people ------------------------------------------------------------------------


def _lines(report: Report) -> Iterator[str]:
    yield f"specwire {report['specwire']} at {report['place']}"
    yield f"Python {report['python']} on {report['platform']}"
    libraries = (
        f"{e['name']} {e['version'] or 'MISSING'}" for e in report["libraries"]
    )
    yield f"libraries: {', '.join(libraries)}"
    yield from ("", "extras:")
    for extra in report["extras"]:
        yield f"  {extra['name']:<11} {_told(extra)}"
    yield from ("", "plugins:" if report["plugins"] else "plugins: none")
    for plugin in report["plugins"]:
        reason = f": {plugin['reason']}" if plugin["reason"] else ""
        yield (
            f"  {plugin['state']:<9} {plugin['group']:<10} {plugin['name']} "
            f"({plugin['source']}, {plugin['value']}){reason}"
        )
    known = [
        f"{name} ({', '.join(e['set'])})"
        for name, e in report["keys"].items()
        if e["set"]
    ]
    yield from ("", f"keys in the environment: {', '.join(known) or 'none'}")
    for entry in report["network"]:
        yield f"{entry['variable']}: {entry['value']}"
    state = report["state"]
    word = "writable" if state["writable"] else "NOT writable"
    yield f"state: {state['folder']} ({word})"
    yield from ("", "problems:" if report["problems"] else "problems: none")
    for problem in report["problems"]:
        yield f"  {problem}"


def _told(extra: Report) -> str:
    if not extra["missing"]:
        versions = ", ".join(f"{k} {v}" for k, v in extra["versions"].items())
        return f"{extra['what']}" + (f" ({versions})" if versions else "")
    return f"{extra['what']}: {extra['command']}"
