"""``specwire files``: upload, download, list and delete files of the service."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from .exits import SOME_FAILED, TOLD, UsageError, code_of, told
from .output import document, item, one_line, say, table, talk
from .parsing import Parser, add, add_call, count
from .progress import Progress, size_of
from .settings import Settings

_EXAMPLES: Final = (
    ("specwire files upload report.pdf data.csv", "an ID and a name each"),
    ("specwire files download ID -o report.pdf", ""),
    ("specwire files download ID -o - | less", "to standard output"),
    ("specwire files list --json", "a line of JSON each"),
)


def parser() -> Parser:
    whole = Parser(prog="specwire files", examples=_EXAMPLES, epilog=TOLD)
    commands = whole.commands()
    upload = add(commands, "upload", _upload, "upload files", _EXAMPLES[:1])
    upload.add_argument("paths", nargs="+", metavar="PATH", help="a file")
    download = add(
        commands, "download", _download, "download a file", (*_EXAMPLES[1:3],)
    )
    download.add_argument("id", metavar="ID", help="of the file")
    text = "where to; - is standard output; else the file's own name, in this folder"
    download.add_argument("-o", "--output", metavar="PATH", help=text)
    text = "write over a file that is there"
    download.add_argument("--force", action="store_true", help=text)
    shown = add(commands, "list", _list, "list files", _EXAMPLES[3:])
    text = "at most; else all"
    shown.add_argument("--limit", type=count, metavar="N", help=text)
    example = ("specwire files delete ID ID", "")
    delete = add(commands, "delete", _delete, "delete files", [example])
    delete.add_argument("ids", nargs="+", metavar="ID", help="of a file")
    for each in (upload, download):
        each.add_argument("-q", "--quiet", action="store_true", help="no progress")
    for each in (upload, download, shown, delete):
        each.add_argument("--json", action="store_true", help="print JSON")
        add_call(each)
    return whole


def main(argv: Sequence[str]) -> int:
    """Run one of the commands; its exit code."""
    return parser().run(argv)


def _each(names: Sequence[str], do: Any) -> int:
    """Do it with each; what fails is told, and the others are done all the same."""
    from ..core.errors import SpecwireError

    codes = []
    for name in names:
        try:
            do(name)
            codes.append(0)
        except BrokenPipeError:
            raise
        except (SpecwireError, OSError) as error:
            talk(f"{name}: {told(error)}")
            codes.append(code_of(error))
    if not any(codes):
        return 0
    # One code for all of them where they ended alike.
    return codes[0] if len(set(codes)) == 1 else SOME_FAILED


def _upload(options: argparse.Namespace) -> int:
    missing = [path for path in options.paths if not os.path.isfile(path)]
    if missing:
        raise UsageError(f"there is no file {missing[0]}; nothing was uploaded")
    with Settings.of(options).client("anthropic") as client:

        def upload(path: str) -> None:
            name = os.path.basename(path)
            with Progress(name, unit="bytes", quiet=options.quiet) as progress:
                file = client.files.upload(file=path, progress=progress.to)
            item(file) if options.json else say(f"{file.id}  {name}")

        return _each(options.paths, upload)


def _download(options: argparse.Namespace) -> int:
    with Settings.of(options).client("anthropic") as client:
        if options.output == "-":
            with client.files.download(options.id) as body:
                for chunk in body:
                    sys.stdout.buffer.write(chunk)
            return 0
        about = client.files.retrieve_metadata(options.id)
        path = options.output or os.curdir
        if os.path.isdir(path):
            name = _own_name(about.filename) or options.id
            path = os.path.join(path, name) if options.output else name
        if os.path.isfile(path) and not options.force:
            raise UsageError(f"{path} is there; --force writes over it, -o elsewhere")
        with Progress(path, unit="bytes", quiet=options.quiet) as progress:
            size = _written(client.files.download(options.id), path, about, progress)
    if options.json:
        document({"id": options.id, "path": path, "size_bytes": size})
    else:
        say(path)
    return 0


def _own_name(given: str) -> str:
    """A file's name as it may stand in a folder here; ``""`` where it may not."""
    name = one_line(given.replace("\\", "/").rpartition("/")[2])
    return "" if name in (".", "..") else name


def _written(body: Any, path: str, about: Any, progress: Progress) -> int:
    """Write beside it first: a file that is there is whole."""
    size, part = 0, f"{path}.part"
    special = os.path.exists(path) and not os.path.isfile(path)
    try:
        with open(path if special else part, "wb") as file, body:
            for chunk in body:
                size += file.write(chunk)
                progress.to(size, about.size_bytes)
        if not special:
            os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise
    return size


def _list(options: argparse.Namespace) -> int:
    rows = []
    with Settings.of(options).client("anthropic") as client:
        for number, file in enumerate(client.files.list(limit=100), 1):
            item(file) if options.json else rows.append(_cells(file))
            if number == options.limit:
                break
    if not options.json:
        for line in table(("ID", "SIZE", "CREATED", "NAME"), rows):
            say(line)
    return 0


def _cells(file: Any) -> tuple[str, ...]:
    created = f"{file.created_at:%Y-%m-%d %H:%M}"
    return file.id, size_of(file.size_bytes), created, file.filename


def _delete(options: argparse.Namespace) -> int:
    with Settings.of(options).client("anthropic") as client:

        def delete(id: str) -> None:
            gone = client.files.delete(id)
            item(gone) if options.json else say(gone.id)

        return _each(options.ids, delete)
