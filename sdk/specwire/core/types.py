"""Values that every layer shares: ``UNSET``, ``Timeout``, ``Model``, ``Unknown``.

Nothing here does I/O or reads JSON; :mod:`specwire.core.codec` does the latter. This
module imports attrs only when the first model is built, so that the front door stays
cheap to open.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar, cast

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform

    from .wire import Reply
else:

    def dataclass_transform(**_: Any) -> Callable[[Any], Any]:
        """A no-op: only type checkers read the mark (typing has it from 3.11 on)."""
        return lambda cls: cls


T = TypeVar("T")


class Unset:
    """The type of :data:`UNSET`, an argument not given (``None`` is JSON null)."""

    _it: ClassVar[Unset | None] = None

    def __new__(cls) -> Unset:
        if cls._it is None:
            cls._it = super().__new__(cls)
        return cls._it

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class Timeout:
    """Time limits in seconds; ``None`` is no limit.

    ``total`` spans the whole call: connecting, every attempt, the waits between them
    and reading the body; ``attempt`` spans one attempt, which may be followed by
    another. ``connect`` is one connection's, ``read`` the longest silence while an
    answer is read (in a stream between two items; pings and comments are silence),
    ``write`` the longest stall while a request is sent, ``wait`` the longest that a
    server may ask to be left alone before another attempt. ``pool`` is accepted for
    compatibility: connections are never waited for.
    """

    __slots__ = ("attempt", "connect", "pool", "read", "total", "wait", "write")

    def __init__(
        self,
        total: float | None = None,
        connect: float | None = 5.0,
        read: float | None = None,
        write: float | None = None,
        pool: float | None = None,
        attempt: float | None = None,
        wait: float | None = None,
    ) -> None:
        self.total = _seconds("total", total)
        self.attempt = _seconds("attempt", attempt)
        self.wait = _seconds("wait", wait)
        self.connect = _seconds("connect", connect)
        self.read = _seconds("read", read)
        self.write = _seconds("write", write)
        self.pool = _seconds("pool", pool)

    @classmethod
    def of(cls, value: Any) -> Timeout:
        """``value`` as a :class:`Timeout`: a number is the total, ``None`` no limit.

        Objects with ``connect``, ``read``, ``write`` and ``pool`` are read by name, so
        that the time-out objects of other HTTP libraries can be passed as they are:
        they limit no total where they have none. A tuple is (connect, read), as
        ``requests`` has it, or (connect, read, write, pool), as ``httpx`` does.
        """
        if isinstance(value, Timeout):
            return value
        if value is None:
            return cls(connect=None)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return cls(total=value)
        if isinstance(value, tuple) and len(value) in (2, 4):
            return cls(None, *value)
        if hasattr(value, "connect") and hasattr(value, "read"):
            return cls(
                total=getattr(value, "total", None),
                connect=value.connect,
                read=value.read,
                write=getattr(value, "write", None),
                pool=getattr(value, "pool", None),
            )
        raise TypeError(
            "timeout: expected seconds, a Timeout or None, "
            f"got {type(value).__name__}; write timeout=30.0 or timeout=Timeout(...)"
        )

    def less(self, spent_s: float) -> Timeout:
        """These limits when so much of ``total`` is gone; a little is always left."""
        rest = {name: getattr(self, name) for name in self.__slots__}
        if self.total is not None:
            rest["total"] = max(self.total - spent_s, 0.001)
        return Timeout(**rest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeout) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__slots__))

    def __repr__(self) -> str:
        rare = [n for n in ("attempt", "wait") if getattr(self, n) is not None]
        shown = (*_ORDER, *rare)
        parts = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"Timeout({parts})"


_ORDER = ("total", "connect", "read", "write", "pool")


def _seconds(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(
            f"timeout.{name}: expected seconds or None, got {type(value).__name__}"
        )
    if not 0 < value < float("inf"):
        raise ValueError(
            f"timeout.{name}: expected more than 0 seconds, got {value!r}; "
            "None is no limit"
        )
    return float(value)


class Replied:
    """What every object made from a reply offers: where it came from.

    ``_reply`` is the :class:`~specwire.core.wire.Reply` (``status_code``, ``headers``,
    ``request_id``, ``attempts``, ``elapsed_s``), or ``None`` for a part of a reply.
    """

    if TYPE_CHECKING:
        _reply: Reply | None
    else:
        # Not annotated at run time: get_type_hints() of a model resolves every name.
        _reply = None

    @property
    def _request_id(self) -> str | None:
        """The server's name for the request, for its support; ``None`` if none."""
        return self._reply.request_id if self._reply is not None else None


class ReplyDict(dict[str, Any], Replied):
    """A JSON object without a schema; an ordinary ``dict`` that knows its reply."""


class ReplyList(list[Any], Replied):
    """A JSON array without a schema; an ordinary ``list`` that knows its reply."""


class ReplyText(str, Replied):
    """Text that knows its reply."""


@dataclass_transform(kw_only_default=True)
class Model(Replied):
    """Base of the response models that the generator writes.

    A subclass names its members as annotations. Creating the class is cheap; attrs
    gives it its methods when the first instance is made (0.4 ms each, so a program
    pays for the models it meets and not for the hundreds it does not).

    Members that this version does not know are kept: they read as attributes and are
    written back by ``dump``.
    """

    _wire: ClassVar[Mapping[str, str]] = {}
    _built: ClassVar[bool] = False

    if not TYPE_CHECKING:

        def __init__(self, *args: Any, **values: Any) -> None:
            build(type(self))
            self.__init__(*args, **values)

        def __getattr__(self, name: str) -> Any:
            extra = self.__dict__.get("_extra")
            # Not what Python itself asks for: a reply must not steer a copy.
            if extra is not None and name in extra and name[:2] != "__":
                return extra[name]
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}"
            )

        def __setstate__(self, state: dict[str, Any]) -> None:
            # In the process that unpickles it, the class may be new.
            build(type(self))
            self.__dict__.update(state)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__dict__.get("_extra", ())})

    def _repr_markdown_(self) -> str | None:
        """What a notebook shows: of a message its text, of others their ``repr``."""
        from .notebooks import markdown

        return markdown(self)


_building = threading.RLock()


def build(cls: type[Model]) -> None:
    """Let attrs write the methods of ``cls``, once; bases first. Safe from threads."""
    import attrs

    # attrs takes the defaults off the class, so a second pass would lose them.
    with _building:
        if "_built" in cls.__dict__:
            return
        for base in cls.__bases__:
            if issubclass(base, Model) and base is not Model:
                build(base)
        # kw_only: required members may follow optional ones, as they do in documents.
        attrs.define(cls, slots=False, kw_only=True)
        cls._built = True


class Unknown(Replied):
    """A member of a union that this version does not know; ``raw`` is what came.

    Keys of ``raw`` read as attributes, and ``dump`` gives ``raw`` back unchanged.
    """

    __slots__ = ("raw",)

    if TYPE_CHECKING:
        # Type checkers narrow a union by its tag only where every member's tag is a
        # literal, so the usual tags have one here that no server sends.
        type: Literal["?"]
        kind: Literal["?"]
        event: Literal["?"]
        role: Literal["?"]

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __getattr__(self, name: str) -> Any:
        known = name == "raw" or name[:2] == "__"
        if not known and isinstance(self.raw, Mapping) and name in self.raw:
            return self.raw[name]
        raise AttributeError(f"'Unknown' object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and bool(other.raw == self.raw)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Unknown({self.raw!r})"


class _Lent:
    """A method that is no member's: where a reply has one of its name, that is it."""

    def __init__(self, name: str, method: Any) -> None:
        self.name = name
        self.method = method

    def __get__(self, value: Any, cls: Any = None) -> Any:
        held = getattr(value, "__dict__", {}).get("_extra") or (
            value.raw if isinstance(value, Unknown) else None
        )
        if isinstance(held, Mapping) and self.name in held:
            return held[self.name]
        return self.method.__get__(value, cls)


def lend(methods: Mapping[str, Any], classes: tuple[type, ...]) -> None:
    """Give ``classes`` methods besides their own; members of replies win over them."""
    for cls in classes:
        for name, method in methods.items():
            setattr(cls, name, _Lent(name, method))


class Tag:
    """Marks a union in an annotation: ``key`` is the member that names the variant.

    >>> Annotated[Union[Cat, Dog, Unknown], Tag("kind", {"cat": Cat, "dog": Dog})]
    ... # doctest: +SKIP
    """

    __slots__ = ("key", "table")

    def __init__(self, key: str, table: Mapping[str, type]) -> None:
        self.key = key
        self.table = table


def given(value: T | Unset) -> T | None:
    """``value``, or ``None`` where it was not given."""
    return None if value is UNSET else cast(T, value)
