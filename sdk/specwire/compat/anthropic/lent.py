"""What replies are asked by programs that know them as pydantic models.

``to_dict``, ``to_json``, ``model_dump`` and their like are lent to our models once the
drop-in is used; a member of a reply that has such a name comes first.
"""

from __future__ import annotations

import copy as _copy
import json as _json
from collections.abc import Mapping
from typing import Any

from ...core.paging import Page
from ...core.stream import Stream
from ...core.types import Model, Unknown, build, lend
from ...mixins.stream_events import Derived

_lent = False


def lend_all() -> None:
    """Lend the models what is here, once."""
    global _lent
    if not _lent:
        _lent = True
        lend(METHODS, (Model, Unknown, Derived, Page))
        lend({"response": property(response)}, (Stream,))


def to_dict(
    self: Any,
    *,
    mode: str = "python",
    use_api_names: bool = True,
    exclude_unset: bool = True,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    warnings: bool = True,
) -> dict[str, Any]:
    """The members that the server sent, as plain data.

    :param mode: ``"python"`` keeps dates as they are, ``"json"`` writes them as text.
    :param use_api_names: members under the API's names.
    :param exclude_unset: leave out what was not sent; else it is ``None``.
    :param exclude_none: leave out what is ``None``.
    """
    return model_dump(
        self,
        mode=mode,
        by_alias=use_api_names,
        exclude_unset=exclude_unset,
        exclude_defaults=exclude_defaults,
        exclude_none=exclude_none,
    )


def to_json(self: Any, *, indent: int | None = 2, **options: Any) -> str:
    """:func:`to_dict` as JSON text."""
    return _text(to_dict(self, **{**options, "mode": "json"}), indent)


def model_dump(
    self: Any,
    *,
    mode: str = "python",
    include: Any = None,
    exclude: Any = None,
    by_alias: bool | None = None,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    **_: Any,
) -> dict[str, Any]:
    """The members as plain data, those that were not sent as ``None``.

    :param include: names of members, which alone are given.
    :param exclude: names of members, which are not.
    """
    written = _Writing(
        json=mode == "json",
        wire=bool(by_alias),
        unset=not exclude_unset,
        defaults=not exclude_defaults,
        none=not exclude_none,
    )
    data: dict[str, Any] = written.value(self)
    if include is not None:
        data = {name: value for name, value in data.items() if name in include}
    if exclude is not None:
        data = {name: value for name, value in data.items() if name not in exclude}
    return data


def model_dump_json(self: Any, *, indent: int | None = None, **options: Any) -> str:
    """:func:`model_dump` as JSON text."""
    return _text(model_dump(self, **{**options, "mode": "json"}), indent)


def model_copy(
    self: Any, *, update: Mapping[str, Any] | None = None, deep: bool = False
) -> Any:
    """A copy, with members of ``update`` in place of its own."""
    other = _copy.deepcopy(self) if deep else _copy.copy(self)
    for name, value in (update or {}).items():
        setattr(other, name, value)
    return other


def model_construct(cls: Any, /, _fields_set: Any = None, **values: Any) -> Any:
    """An object of ``values`` without a check; what is missing is ``None``."""
    from ...core.codec import Mismatch, dump, get_hook
    from ...core.members import names_of

    build(cls)
    try:
        return get_hook(cls)(dump(values), cls)
    except Mismatch:
        value = object.__new__(cls)
        own = {name: values.pop(name, None) for name, _ in names_of(cls)}
        value.__dict__.update(own, **({"_extra": values} if values else {}))
        return value


def model_validate(cls: Any, /, obj: Any, **_: Any) -> Any:
    """``obj``, JSON data, as an object of this class.

    :raises ValueError: where it is of another shape.
    """
    from ...core.codec import load

    return obj if isinstance(obj, cls) else load(cls, obj)


def model_validate_json(cls: Any, /, json_data: str | bytes, **_: Any) -> Any:
    """JSON text as an object of this class; :raises ValueError: for anything else."""
    from ...core.codec import load, loads, loads_text

    is_text = isinstance(json_data, str)
    data = loads_text(json_data) if is_text else loads(json_data)  # type: ignore[arg-type]
    return load(cls, data)


def model_fields_set(self: Any) -> set[str]:
    """Names of the members that the server sent."""
    written = _Writing(json=False, wire=False, unset=False, defaults=True, none=True)
    return set(written.members(self))


def model_extra(self: Any) -> dict[str, Any]:
    """The members that this version does not know."""
    return dict(getattr(self, "__dict__", {}).get("_extra", {}))


def response(self: Any) -> Any:
    """Of a stream: the reply that it is the body of."""
    return self._reply


METHODS: dict[str, Any] = {
    "construct": classmethod(model_construct),
    "copy": model_copy,
    "dict": model_dump,
    "json": model_dump_json,
    "model_construct": classmethod(model_construct),
    "model_copy": model_copy,
    "model_dump": model_dump,
    "model_dump_json": model_dump_json,
    "model_extra": property(model_extra),
    "model_fields_set": property(model_fields_set),
    "model_validate": classmethod(model_validate),
    "model_validate_json": classmethod(model_validate_json),
    "parse_obj": classmethod(model_validate),
    "to_dict": to_dict,
    "to_json": to_json,
}


def _text(data: Any, indent: int | None) -> str:
    separators = None if indent is not None else (",", ":")
    return _json.dumps(data, ensure_ascii=False, indent=indent, separators=separators)


class _Writing:
    """How objects become plain data."""

    def __init__(
        self, *, json: bool, wire: bool, unset: bool, defaults: bool, none: bool
    ) -> None:
        self.json = json
        self.wire = wire
        self.unset = unset
        self.defaults = defaults
        self.none = none

    def value(self, value: Any) -> Any:
        if isinstance(value, (Model, Unknown, Derived, Page)):
            return {
                name: self.value(member)
                for name, member in self.members(value).items()
                if self.none or member is not None
            }
        if isinstance(value, dict):
            return {name: self.value(member) for name, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        if self.json and not isinstance(value, (str, int, float, bool, type(None))):
            from ...core.codec import dump

            return dump(value)
        return value

    def members(self, value: Any) -> dict[str, Any]:
        """Those to be written, one level deep."""
        if isinstance(value, Unknown):
            return dict(value.raw) if isinstance(value.raw, dict) else {}
        if isinstance(value, Page):
            return {**value.raw, "data": value.data}
        if isinstance(value, Derived):
            shown = {name: getattr(value, name) for name in value._shown}
            return {"type": value.type, **shown}  # type: ignore[attr-defined]
        return self._of_model(value)

    def _of_model(self, model: Model) -> dict[str, Any]:
        from attrs import fields_dict

        from ...core.members import names_of

        cls: Any = type(model)
        build(cls)
        own, fields = model.__dict__, fields_dict(cls)
        sent_null = own.get("_nulls", ())
        out: dict[str, Any] = {}
        for name, wire in names_of(cls):
            member = own[name]
            if member is None and not self.unset and wire not in sent_null:
                continue
            if not self.defaults and member == fields[name].default:
                continue
            out[wire if self.wire else name] = member
        for name, member in own.get("_extra", {}).items():
            out.setdefault(name, member)
        parsed = own.get("parsed_output")
        return out if parsed is None else {**out, "parsed_output": parsed}
