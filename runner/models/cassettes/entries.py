"""The file of a cassette: a YAML list, one entry for each attempt that came to its end, each message written once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from runner.errors import ConfigInvalid, Match, Trouble, UsageError
from runner.models.parsing import DEEPEST
from runner.runs.events import Kept, Usage
from runner.spec import Items, Positive, Spec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

HEAD = "# A cassette: what models answered, word for word; made by --record, answered from by --replay.\n"
_DEEPEST = 2 * DEEPEST
"""Lists and mappings inside one another."""
_UNSEEN = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e01ef]"
)
"""What a reader of the file would not see."""


class Where(Spec):
    """Where in a run a request was made."""

    agent: str
    phase: str
    visit: Positive
    turn: Positive


class SaidCall(Spec):
    """A tool call of an answer."""

    id: str
    tool: str
    arguments: Any = Field(default=None, alias="with")


class Said(Spec):
    """An answer."""

    text: str = ""
    thinking: str = ""
    calls: Items[SaidCall] = ()
    finish: str
    usage: Usage = Usage()
    seconds: float = 0.0
    kept: Kept | None = None


class Failure(Spec):
    """What befell an attempt."""

    trouble: str
    match: str
    message: str
    hint: str = ""

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.trouble not in get_args(Trouble) or self.match not in get_args(Match):
            msg = f"{self.trouble!r} and {self.match!r} are no trouble and match of this version"
            raise ValueError(msg)
        return self


class Entry(Spec):
    """One attempt: what was asked, and what came of it."""

    call: str
    """The digest that the request is found by."""
    model: str
    served: str
    at: Where
    tools: Items[str] = ()
    offers: str
    """The digest of tools, schema and sampling."""
    asked: Items[str]
    """Digests of all messages, in order."""
    messages: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Those that stand in the file for the first time."""
    reply: Said | None = None
    failed: Failure | None = None

    @model_validator(mode="after")
    def _ended(self) -> Self:
        if (self.reply is None) is (self.failed is None):
            msg = "an entry has either `reply` or `failed`"
            raise ValueError(msg)
        return self


def text_of(entry: dict[str, Any]) -> str:
    """An entry as the file holds it; characters that cannot be seen are written out."""
    import yaml

    text: str = yaml.dump(
        [entry], Dumper=_dumper(), allow_unicode=True, sort_keys=False, width=110, default_flow_style=False
    )
    return _UNSEEN.sub(lambda found: f"\\U{ord(found[0]):08x}", text)


def read(path: Path) -> list[Entry]:
    """The entries of a cassette; raises `UsageError` when there is none, `ConfigInvalid` for what is no cassette."""
    import yaml

    try:
        return TypeAdapter(list[Entry]).validate_python(_data(path.read_bytes()) or [])
    except FileNotFoundError as error:
        raise UsageError(f"there is no cassette {path}", hint="`--record FILE` makes one") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise _unreadable(f"{path}{place}", error.problem or "it is no YAML") from error
    except ValidationError as error:
        raise _unreadable(str(path), _said(error.errors())) from error
    except (yaml.YAMLError, ValueError) as error:
        raise _unreadable(str(path), " ".join(str(error).split())) from error


def _data(content: bytes) -> Any:
    """What the YAML says, which may be anybody's; raises yaml.YAMLError and ValueError."""
    loader = _loader()(content)
    try:
        node = loader.get_single_node()
        return None if node is None else loader.construct_document(_without_aliases(node))
    finally:
        loader.dispose()


def _without_aliases(node: Any) -> Any:
    """The node, if no part of it stands at two places: no recorder writes that, and a few such are a great many."""
    import yaml

    seen, left = set[int](), [node]
    while left:
        one = left.pop()
        if id(one) in seen:
            raise yaml.MarkedYAMLError(problem="an alias, which no cassette has", problem_mark=one.start_mark)
        seen.add(id(one))
        if isinstance(one, yaml.MappingNode):
            left += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            left += one.value
    return node


def _loader() -> Any:
    """Plain data only, and no deeper than an answer may be: the parser in C has no bound but the end of its stack."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # whichever of the two there is
        """Counts how deep it is."""

        depth = 0

        def descend_resolver(self, parent: Any, _index: object) -> None:
            """Called before each node."""
            self.depth += 1
            if self.depth > _DEEPEST and parent is not None:
                what = f"more than {_DEEPEST} collections inside one another"
                raise yaml.MarkedYAMLError(problem=what, problem_mark=parent.start_mark)

        def ascend_resolver(self) -> None:
            """Called after each node."""
            self.depth -= 1

    return Loader


def _said(faults: Sequence[Any]) -> str:
    first = faults[0]
    number, *where = first["loc"] or (0,)
    place = ".".join(map(str, where))
    return f"entry {int(number) + 1}{f', {place}' if place else ''}: {first['msg']}"


def _unreadable(place: str, why: str) -> ConfigInvalid:
    return ConfigInvalid(f"{place}: this cassette cannot be read: {why}", hint="record it again with --record")


def _dumper() -> Any:
    """Texts of several lines stand below `|`; those with what cannot be seen in double quotes, so that it can be."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """As YAML is written by hand, without references."""

        def ignore_aliases(self, _data: Any) -> bool:
            """Write everything out."""
            return True

    def text(dumper: Any, value: str) -> Any:
        style = '"' if _UNSEEN.search(value) else "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
