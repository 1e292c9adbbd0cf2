"""A package of your own from an OpenAPI document: generated, imported, called.

The server of the document is played by a sandbox, which answers what the document's
schemas allow. A document in YAML needs the extra `codegen`; this one is JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from specwire.sandbox import Sandbox

BOOK = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Bookshop", "version": "1.0"},
    "servers": [{"url": "https://api.bookshop.example/v1"}],
    "paths": {
        "/books/{id}": {
            "get": {
                "operationId": "getBook",
                "tags": ["books"],
                "parameters": [
                    {
                        "name": "id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "integer"},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "A book.",
                        "content": {
                            "application/json": {
                                "schema": {"$ref": "#/components/schemas/Book"}
                            }
                        },
                    }
                },
            }
        }
    },
    "components": {"schemas": {"Book": BOOK}},
}

with tempfile.TemporaryDirectory() as folder:
    document = Path(folder, "bookshop.json")
    document.write_text(json.dumps(DOCUMENT))
    command = [sys.executable, "-m", "specwire", "codegen", "build", str(document)]
    built = [*command, "-o", folder, "--package", "bookshop"]
    subprocess.run(built, check=True, stdout=subprocess.DEVNULL)
    sys.path.insert(0, folder)

    from bookshop import Client  # type: ignore[import-not-found]

    with (
        Sandbox(documents={"bookshop": DOCUMENT}) as box,
        Client(base_urls=box.base_urls) as client,
    ):
        book = client.books.get(1)
    print(type(book).__name__, book.id, repr(book.title))
