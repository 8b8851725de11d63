"""The way to a server, of what its pack says."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from runner.errors import ToolFailed
from runner.targets.lasting import direct

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from runner.targets.lasting import Program as Wanted
    from runner.targets.sandbox.container import Container
    from runner.targets.sandbox.sandbox import Sandbox
    from runner.tools.mcp.connection import Link
    from runner.tools.mcp.http import Address
    from runner.tools.mcp.oauth.carrying import Bearer
    from runner.tools.mcp.oauth.spec import Authorization
    from runner.tools.mcp.spec import McpServerSpec

DIRECTLY = "or run it as yourself, with all that you may read and reach: `sandbox: false` inside `mcp:`"


def link_of(
    name: str,
    spec: McpServerSpec,
    *,
    fill: Callable[[str], str],
    cwd: Path,
    owner: str,
    sandbox: Sandbox | Container,
) -> Link:
    """A way that was not gone yet; `fill` puts values in the place of secrets, `sandbox` is for a program."""
    if spec.command is not None:
        from runner.tools.mcp.stdio import Program

        start = partial(_walled, spec, sandbox) if spec.sandbox else direct
        return Program(name, spec.command, cwd, _filled(spec.env, fill), owner, start)
    return address_of(name, spec, fill=fill, root=cwd)


def address_of(name: str, spec: McpServerSpec, *, fill: Callable[[str], str], root: Path) -> Address:
    """The way to a server at an address; `root` is the project's folder, which keeps logins."""
    from runner.tools.mcp.http import Address

    bearer = _bearer(name, spec.url or "", spec.auth, fill, root) if spec.auth else None
    return Address(name, spec.url or "", _filled(spec.headers, fill), spec.auth, bearer)


def _filled(texts: Mapping[str, str], fill: Callable[[str], str]) -> dict[str, str]:
    return {name: fill(text) for name, text in texts.items()}


def _bearer(name: str, url: str, auth: Authorization, fill: Callable[[str], str], root: Path) -> Bearer:
    """Who proves that we may ask."""
    if auth.client_credentials is not None:
        from runner.tools.mcp.oauth.client import ByItself

        return ByItself(url, auth.client_credentials, fill)
    from runner.tools.mcp.oauth.renewing import LoggedIn

    assert auth.authorization_code is not None  # noqa: S101 - one of both is said
    return LoggedIn(name, url, auth.authorization_code, root)


@asynccontextmanager
async def _walled(
    spec: McpServerSpec, sandbox: Sandbox | Container, program: Wanted
) -> AsyncIterator[asyncio.subprocess.Process]:
    """In the sandbox, or not at all."""
    from runner.targets.sandbox.views import Access

    if reason := await asyncio.to_thread(sandbox.available):
        what = f"a server that is a program runs in the sandbox, and none can be made: {reason}"
        raise ToolFailed(what, match="unavailable", hint=DIRECTLY)
    async with sandbox.process(program, Access(spec.paths, spec.read_only)) as process:
        yield process
