"""What a file says of a request, and of how its answer is read."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from runner.secrets import REFERENCE
from runner.spec import Count, Items, Positive, Spec, one_of
from runner.spec.types import Fields
from runner.tools.base import FUNCTION
from runner.tools.http import address, guard, paths

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = frozenset(
    (
        *("host", "connection", "content-length", "transfer-encoding", "accept-encoding", "expect", "te", "trailer"),
        *("upgrade", "keep-alive", "proxy-authorization", "proxy-connection"),
    )
)
"""Headers that say how the request is sent, which no file decides."""
_TEMPLATE = re.compile(r"\{[{%#]")

StatusCode = Annotated[int, Field(ge=100, le=599), WithJsonSchema({"type": "string", "pattern": r"^[1-5]\d\d$"})]
"""What a server answers; as JSON knows only texts as keys, editors are told of its digits."""


def _allowed(text: str) -> str:
    guard.Allowed.of(text)
    return text


def _path(path: Any) -> Any:
    if isinstance(path, str):
        paths.parse(path)
    return path


class Auth(Spec):
    """Who asks; exactly one key."""

    model_config = one_of("bearer", "basic")

    bearer: str | None = None
    """A token, as in `${API_TOKEN}`."""
    basic: str | None = Field(default=None, pattern=r"^[^:]+:.*$")
    """A user and a password, as in `runner:${PASSWORD}`."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.bearer is None) == (self.basic is None):
            msg = "who asks is said in one way: bearer or basic"
            raise ValueError(msg)
        if _TEMPLATE.search(self.bearer or self.basic or ""):
            msg = "who asks is never a template: a model would choose it; write ${NAME}"
            raise ValueError(msg)
        return self


class Request(Spec):
    """One request to a server."""

    url: Annotated[str, AfterValidator(address.check)]
    """The address; each `{{ parameter }}` stays inside its own part of the path or query."""
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    """What is asked for."""
    headers: dict[str, str] = Field(default={})
    """Headers by name; a value is a template, or holds secrets as in `${NAME}`."""
    auth: Auth | None = None
    """Who asks: a token, or a user and password."""
    query: dict[str, Any] = Field(default={})
    """What is added to the address behind its `?`; null is left out, a list gives its name several times."""
    as_json: Any = Field(default=None, alias="json")
    """The body, as data whose texts are templates; a text that is one `{{ }}` keeps the type of its value."""
    form: dict[str, Any] | None = None
    """The body, as the fields of a form."""
    body: str | None = None
    """The body, as a template; `headers` say with `Content-Type` what it is."""
    allow: Items[Annotated[str, AfterValidator(_allowed)]] = ()
    """Hosts, addresses and networks that are asked although they are not public, such as `10.0.0.5:8080`."""
    redirects: Count = 3
    """How many redirects are followed; only those of GET and HEAD are."""
    max_bytes: Positive = 1_000_000
    """The longest answer that is read."""
    status: dict[StatusCode, Literal["ok", "no"]] = Field(default={})
    """What a status says besides 200 to 299, which are ok; any other one is a failure."""

    @field_validator("headers")
    @classmethod
    def _headers(cls, headers: dict[str, str]) -> dict[str, str]:
        seen: set[str] = set()
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name) or name.lower() in _OURS or name.lower() in seen:
                what = f"`{name}` is no header that can be set here; how a request is sent is not for files to say"
                raise PydanticCustomError("bad_value", what, {"at": [name]})
            if REFERENCE.search(value) and _TEMPLATE.search(value):
                what = f"`{name}` holds a secret and a template; write the template as a header of its own"
                raise PydanticCustomError("bad_value", what, {"at": [name]})
            seen.add(name.lower())
        return headers

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        bodies = {"json": self.as_json, "form": self.form, "body": self.body}
        given = [name for name, value in bodies.items() if value is not None]
        if len(given) > 1:
            msg = f"a request has one body: {' or '.join(given)}"
            raise ValueError(msg)
        if given and self.method in ("GET", "HEAD"):
            msg = f"{self.method} sends no body; add `method: POST`, or write `{given[0]}` as `query`"
            raise ValueError(msg)
        if self.auth and any(name.lower() == "authorization" for name in self.headers):
            msg = "both `auth` and the header Authorization say who asks; keep one"
            raise ValueError(msg)
        return self


class HttpOutput(Spec):
    """How the answer is read: as JSON, or by a function."""

    model_config = one_of("json", "parse")

    as_json: Annotated[Literal[True] | str | None, AfterValidator(_path)] = Field(default=None, alias="json")
    """Reads the answer as JSON: adds `data`, all of it or what a path such as `web.results[*]` leads to."""
    fields: Fields | None = None
    """What is kept of each object in `data`: a name and a type each; an answer that does not fit is a failure."""
    parse: str | None = Field(default=None, pattern=FUNCTION)
    """A Python function beside the pack, `module:function`, given `text`, `status` and `url`: adds what it returns."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.as_json is None) == (self.parse is None):
            msg = "an answer is read in one way: json or parse; without either there is its text"
            raise ValueError(msg)
        if self.fields is not None and self.as_json is None:
            msg = "`fields` says what is kept of JSON; what `parse` returns is kept as it is"
            raise ValueError(msg)
        return self
