"""The doctor's report for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Report = dict[str, Any]


def lines(report: Report) -> Iterator[str]:
    """The report, a line a thing; problems last."""
    yield f"specwire {report['specwire']} at {report['place']}"
    yield f"Python {report['python']} on {report['platform']}"
    libraries = (
        f"{e['name']} {e['version'] or 'MISSING'}" for e in report["libraries"]
    )
    yield f"libraries: {', '.join(libraries)}"
    yield from ("", "extras:")
    for extra in report["extras"]:
        yield f"  {extra['name']:<11} {_told(extra)}"
    yield from _plugins(report)
    yield from _settings(report)
    for entry in report["network"]:
        yield f"{entry['variable']}: {entry['value']}"
    state = report["state"]
    word = "writable" if state["writable"] else "NOT writable"
    yield f"state: {state['folder']} ({word})"
    yield from _asked(report)
    yield from ("", "problems:" if report["problems"] else "problems: none")
    for problem in report["problems"]:
        yield f"  {problem}"


def _told(extra: Report) -> str:
    if not extra["missing"]:
        versions = ", ".join(f"{k} {v}" for k, v in extra["versions"].items())
        return f"{extra['what']}" + (f" ({versions})" if versions else "")
    return f"{extra['what']}: {extra['command']}"


def _plugins(report: Report) -> Iterator[str]:
    yield from ("", "plugins:" if report["plugins"] else "plugins: none")
    for plugin in report["plugins"]:
        reason = f": {plugin['reason']}" if plugin["reason"] else ""
        yield (
            f"  {plugin['state']:<9} {plugin['group']:<10} {plugin['name']} "
            f"({plugin['source']}, {plugin['value']}){reason}"
        )


def _settings(report: Report) -> Iterator[str]:
    found = {k: v for k, v in report["settings"].items() if v["source"] != "default"}
    none = not found and not report["files"]
    yield from ("", f"settings:{' none, the defaults hold' * none}")
    for name, each in found.items():
        yield f"  {name:<11} {each['value']} ({_source(each)})"
    for file in report["files"]:
        yield f"  {file['kind']}: {file['path']}"
    known = [
        f"{name} ({', '.join(e['set'])})"
        for name, e in report["keys"].items()
        if e["set"]
    ]
    yield from ("", f"keys in the environment: {', '.join(known) or 'none'}")
    for name, entry in report["keys"].items():
        if entry["source"] is not None:
            yield f"  {name:<11} {entry['shown']} ({_source(entry)})"


def _source(found: Report) -> str:
    return f"{found['source']} {found['name']}".rstrip()


def _asked(report: Report) -> Iterator[str]:
    for each in report["asked"]:
        said = f"answers in {each['ms']} ms" if each["ok"] else "does NOT answer"
        off = each.get("clock_skew_s")
        clock = "" if off is None else f", clocks differ by {abs(off):g} s"
        yield f"{each['name']}: {said}{clock}"
