"""Actions that look for the key, and for ways to smuggle something in beside it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from .actions import World, action


@action()
def make(world: World) -> Any:
    """Only the client; asking with it would be too late to refuse."""
    return type(world.client).__name__ and "made"


@action("call")
def pickle_client(world: World) -> Any:
    """Whether a pickle of the client, if there is one, holds the key."""
    world.library.call(world.client)
    try:
        data = pickle.dumps(world.client)
    except Exception:
        return "refused"
    return "leaks" if world.setup.key.encode() in data else "clean"


@action("call")
def pickle_error(world: World) -> Any:
    """An error that went through a pickle, as between processes of a pool."""
    try:
        world.library.call(world.client)
    except Exception as error:
        data = pickle.dumps(error)
        if world.setup.key.encode() in data:
            return "leaks"
        again = pickle.loads(data)
        same = type(again) is type(error) and str(again) == str(error)
        return "same" if same else "another"
    return "no error"


@action("call")
def copied_error(world: World) -> Any:
    """An error that was copied, as ``concurrent.futures`` and loggers do."""
    try:
        world.library.call(world.client)
    except Exception as error:
        again = copy.copy(error)
        return "same" if str(again) == str(error) else "another"
    return "no error"


@action("call")
def look_at_client(world: World) -> Any:
    """What the client and all that hangs on it show of themselves."""
    world.library.call(world.client)
    texts = [repr(world.client), str(world.client)]
    texts += [repr(value) for value in vars(world.client).values()]
    return "leaks" if world.setup.key in "".join(texts) else "clean"


@action("get")
def get_named(world: World) -> Any:
    """A GET of something with a hostile name."""
    return world.library.get(world.client, world.case.args["name"])


@action("call", "headers")
def call_with_headers(world: World) -> Any:
    return world.library.call_with(world.client, world.case.args["headers"])
