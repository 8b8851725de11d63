"""What the models say of a place in a file: which fields there are, what stands there, and what a field is for."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from runner.project.words import listed

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from runner.project.findings import Loc

_GATHERED = "body"
"""A field that the files do not show: its own keys stand beside `foreach`."""
_BESIDE = "foreach"
_KEY = "[key]"
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", dict: "a mapping"}
_COLLECTIONS = (tuple, list, frozenset, set)


@dataclass
class Place:
    """A place that pydantic names, as the file's author knows it."""

    declared: Any
    """What may stand there, as an annotation; None when the models do not say."""
    loc: Loc = ()
    """The way without names of union members and gathered fields."""
    is_key: bool = False
    """The key is meant, not its value."""
    member: tuple[int, str] | None = None
    """(length of the way, name) of the first member that was tried of a union without a discriminator."""
    known: dict[str, FieldInfo] = field(default_factory=dict)
    """The fields of the mapping that holds the place, by their names in files."""
    above: dict[str, FieldInfo] = field(default_factory=dict)
    """The fields of the mapping around that one."""
    inside: Any = None
    """What `declared` is narrowed to by the union member that was tried."""

    @property
    def purpose(self) -> str:
        """The sentence under the field."""
        info = self.known.get(str(self.loc[-1])) if self.loc else None
        return (info.description or "") if info else ""


def place_of(model: Any, loc: Loc) -> Place:
    """The place that a way through a model's fields leads to."""
    place = Place(model, inside=model)
    for part in loc:
        if part == _KEY:
            place.is_key = True
            continue
        options = _options(place.inside)
        if len(options) > 1:
            place.inside = _member(place, options, str(part))
        else:
            _enter(place, _bare(options[0]) if options else None, part)
    return place


def words(annotation: Any) -> str:
    """What may stand somewhere: `a text or a list`; nothing when anything may."""
    found = list(dict.fromkeys(word for option in _options(annotation) for word in _words(option)))
    return listed(found) if found and all(found) else ""


def choices(annotation: Any) -> list[str]:
    """The words of a choice."""
    bare = [_bare(option) for option in _options(annotation)]
    return [str(value) for option in bare if get_origin(option) is Literal for value in get_args(option)]


def tags(annotation: Any) -> list[str]:
    """The names of the members of a union."""
    return [tag for option in _options(annotation) if (tag := _tag(option))]


def fields_of(annotation: Any) -> dict[str, FieldInfo]:
    """The fields of a model by their names in files."""
    model = _bare(annotation)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return {}
    return {info.alias or name: info for name, info in model.model_fields.items()}


def only_model(annotation: Any) -> dict[str, FieldInfo]:
    """The fields of the one model that may stand somewhere; none when there is none, or a choice of several."""
    found = models(annotation)
    return found[0] if len(found) == 1 else {}


def models(annotation: Any) -> list[dict[str, FieldInfo]]:
    """The fields of each model that may stand somewhere."""
    return [known for option in _options(annotation) if (known := fields_of(option))]


def entry(annotation: Any) -> Any:
    """What the entries of a list may be; None where no list may stand."""
    found = [_content(_bare(option), {}, 0) for option in _options(annotation) if _words(option) == ["a list"]]
    return found[0] if found else None


def _enter(place: Place, holder: Any, part: str | int) -> None:
    known = fields_of(holder)
    if part == _GATHERED and _BESIDE in known:
        place.known = {name: info for name, info in known.items() if name != _GATHERED}
        place.declared = place.inside = known[_GATHERED].annotation
        return
    gathered = place.known if place.loc and _BESIDE in place.known and _GATHERED not in place.known else {}
    place.loc = (*place.loc, part)
    place.above = place.known or place.above
    place.known = {**gathered, **known}
    place.declared = place.inside = _content(holder, known, part)


def _content(holder: Any, known: dict[str, FieldInfo], part: str | int) -> Any:
    """What stands at a key or an index of a holder."""
    if known:
        return known[part].annotation if part in known else None
    origin, arguments = get_origin(holder), get_args(holder)
    if origin is dict:
        return arguments[1]
    return arguments[0] if origin in _COLLECTIONS else None


def _member(place: Place, options: list[Any], name: str) -> Any:
    """The member of a union that a part of a way names."""
    tagged = [option for option in options if _tag(option) == name or name in _discriminators(option)]
    if tagged:
        return tagged[0]
    place.member = place.member or (len(place.loc), name)
    return next((option for option in options if _answers_to(_bare(option), name)), None)


def _answers_to(option: Any, name: str) -> bool:
    """Whether pydantic calls a union member so: `str`, `tuple[Edge, ...]`, `literal['a','b']`, `constrained-int`."""
    named = "literal" if get_origin(option) is Literal else getattr(get_origin(option) or option, "__name__", "")
    return name.removeprefix("constrained-").partition("[")[0] == named


def _discriminators(option: Any) -> set[str]:
    """The values of a member's literal fields, by which pydantic tells members apart."""
    return {word for info in fields_of(option).values() for word in choices(info.annotation)}


def _options(annotation: Any) -> list[Any]:
    """The members of a union without None; of anything else it is itself."""
    bare = _bare(annotation)
    if bare is None or bare is Any:
        return []
    if get_origin(bare) not in (Union, UnionType):
        return [annotation]
    members = [member for member in get_args(bare) if member is not NoneType]
    return members if len(members) > 1 else _options(members[0])


def _bare(annotation: Any) -> Any:
    return _bare(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


def _tag(option: Any) -> str:
    metadata = get_args(option)[1:] if get_origin(option) is Annotated else ()
    return next((item.tag for item in metadata if isinstance(item, Tag)), "")


def _words(option: Any) -> list[str]:
    bare = _bare(option)
    if get_origin(bare) is Literal:
        return [str(value) for value in get_args(bare)]
    kind = get_origin(bare) or bare
    if kind in _COLLECTIONS:
        return ["a list"]
    if isinstance(kind, type) and (kind is dict or issubclass(kind, BaseModel)):
        return ["a mapping"]
    return [_WORDS.get(kind, "")]
