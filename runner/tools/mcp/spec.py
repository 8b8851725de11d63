"""What a pack says of its server: how it is reached, how it is kept up, and what of it is taken."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from runner.spec import DurationRange, Items, Name, Spec, one_of
from runner.tools.base import Shared
from runner.tools.mcp.oauth.spec import Authorization

Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Header = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
Word = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]+$")]
TRANSPORT_HEADERS = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "last-event-id"}
    | {"mcp-protocol-version", "mcp-session-id", "transfer-encoding"}
)
"""Headers that the transport sets itself."""

WALLED = ("network", "paths", "read_only")
"""What is said of a program in the sandbox alone."""


class Lifecycle(Spec):
    """How a server is kept up."""

    required: bool = False
    """Whether it is started with the project and kept up; otherwise the first call starts it."""
    restart: bool = True
    """Whether it is started again after it ended or could not be reached."""
    backoff: DurationRange = (1.0, 60.0)
    """How long to wait before it is started again, and at most; the pause doubles from one to the other."""


class McpOverride(Shared):
    """What is said of one tool of a server, in place of the pack's `defaults`."""

    description: str | None = Field(default=None, min_length=1)
    """What it does, in place of the server's own words; the model reads it."""


class McpServerSpec(Spec):
    """A server that speaks the Model Context Protocol: a program that is started, or an address."""

    model_config = one_of("command", "url")

    command: Items[Word] | None = Field(default=None, min_length=1)
    """The program and its words; it speaks by its input and output."""
    env: dict[Variable, str] = Field(default={})
    """Environment of the program besides PATH, HOME and LANG; `${NAME}` is a secret."""
    sandbox: bool = True
    """Whether the program runs in the sandbox, or not at all where none can be made; false runs it as runner's user."""
    network: bool = False
    """Whether the program in the sandbox may use this machine's network; without it there is only its own loopback."""
    paths: Items[Word] = ()
    """Folders and files that the program in the sandbox may read and write; from the project's folder, `~` or `/`."""
    read_only: Items[Word] = ()
    """Folders and files that the program in the sandbox may read."""
    url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#@]+([/?][^\s#]*)?$")
    """The address, `https://…`; it speaks by streamable HTTP."""
    headers: dict[Header, str] = Field(default={})
    """Headers of each request to the address; `${NAME}` is a secret."""
    auth: Authorization | None = None
    """How a token for the address is got, by OAuth; `runner mcp login` is for the way that takes a person."""
    legacy: bool = False
    """Whether only the older handshake is spoken (`initialize`); by default the newer one is tried first."""
    annotations: Literal["ignore", "trust"] = "ignore"
    """Whether the server's word that a tool only reads, or destroys nothing, lowers its risk from danger."""
    only: Items[str] | None = Field(default=None, min_length=1)
    """The server's tools that are taken, by their names without the pack's: `name`, `*`, `-name`; by default all."""
    lifecycle: Lifecycle = Lifecycle()
    """How it is kept up."""
    tools: dict[Name, McpOverride] = Field(default={})
    """What is said of single tools, by their names without the pack's."""

    @field_validator("headers")
    @classmethod
    def _leave_the_transport_its_own(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if name.lower() in TRANSPORT_HEADERS:
                msg = f"the header {name} is set by the transport; leave it out"
                raise ValueError(msg)
        return headers

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.command is None) == (self.url is None):
            msg = "a server is reached in one way: `command` starts it, or `url` is where it is"
            raise ValueError(msg)
        said = [name for name in ("sandbox", *WALLED) if name in self.model_fields_set]
        if said and self.command is None:
            msg = f"`{said[0]}` is for a server that `command` starts; leave it out"
            raise ValueError(msg)
        if said[1:] and not self.sandbox:
            msg = f"`{said[1]}` is of the sandbox, and `sandbox: false` runs the server outside of it; leave it out"
            raise ValueError(msg)
        if self.env and self.command is None:
            msg = "`env` is for a server that `command` starts; an address takes `headers`"
            raise ValueError(msg)
        if self.headers and self.url is None:
            msg = "`headers` are for a server at a `url`; a program takes `env`"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.auth and self.url is None:
            msg = "`auth` is for a server at a `url`; a program takes its token as `env`"
            raise ValueError(msg)
        if self.auth and any(name.lower() == "authorization" for name in self.headers):
            msg = "both `auth` and the header Authorization say who asks; keep one"
            raise ValueError(msg)
        return self

    def holding_secrets(self) -> dict[str, Any]:
        """What of it may name secrets, as the file says it."""
        return self.model_dump(mode="json", include={"env", "headers", "auth"}, exclude_none=True)

    def takes(self, name: str) -> bool:
        """Whether the pack takes a tool of that name."""
        taken = self.only is None
        for selector in self.only or ():
            if selector.removeprefix("-") in ("*", name):
                taken = not selector.startswith("-")
        return taken
