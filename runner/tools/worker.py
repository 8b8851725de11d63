"""The process that runs python tools: `python -I -u worker.py FOLDER`, one call at a time, JSON lines in and out.

It is started by its path and imports little, so that it starts fast. What tools and their children print goes, at once,
to the process's error output; the two pipes of the protocol are out of their reach.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

if __name__ == "__main__":
    # Started by path and isolated: the package that this file is part of is found last, after what is installed.
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from runner.errors import StepFailed
from runner.tools.context import Context, ToolFailed
from runner.tools.resources import Databases, resource_in

MEMORY = 2 << 30
"""Bytes of address space; the limit is a soft one, so a tool that knows that it needs more can ask for more."""
_TOO_LITTLE = (
    f"a Python tool has {MEMORY >> 30} GiB of address space: take less at a time, or let a program do the work"
)


def main() -> None:
    """Serve calls until the input ends."""
    folder = Path(sys.argv[1])
    path = os.environ["PATH"]
    _bound_memory()
    requests, replies = _take_pipes()
    sys.path.insert(0, str(folder))
    modules: dict[str, ModuleType] = {}
    databases = Databases()
    _write(replies, "{}")
    for line in requests:
        request = json.loads(line)
        # What the tool starts is found by its step, and finds the workspace's own programs first.
        os.environ["RUNNER_STEP"] = f"{request['run']}/{request['step']}"
        os.environ["PATH"] = f"{request['workspace']}/.venv/bin:{path}"
        _write(replies, _encoded(request["function"], _answer(request, folder, modules, databases)))
    os._exit(0)  # threads of tools do not hold it


def _bound_memory() -> None:
    """What takes too much fails with MemoryError, before the machine runs out; programs that it starts are held too."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    with suppress(ValueError, OSError):  # lower already, or not to be had on this system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))


def _take_pipes() -> tuple[TextIO, TextIO]:
    """The protocol's pipes, moved away: standard input becomes empty, and output goes where errors go."""
    requests, replies = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(2, 1)
    os.close(empty)
    return requests, replies


def _write(replies: TextIO, reply: str) -> None:
    replies.write(reply + "\n")
    replies.flush()


def _answer(
    request: dict[str, Any], folder: Path, modules: dict[str, ModuleType], databases: Databases
) -> dict[str, Any]:
    try:
        os.chdir(request["workspace"])
        return {"output": _call(_function(request["function"], folder, modules), request, databases)}
    except StepFailed as error:
        return {"failed": {"message": error.message, "match": error.match, "hint": error.hint}}
    except MemoryError as error:
        return _exhausted(_explained(error, folder))
    except BaseException as error:  # noqa: BLE001 - sys.exit too is only the tool's end
        return {"failed": {"message": _explained(error, folder), "hint": databases.hint(error)}}


def _exhausted(message: str) -> dict[str, Any]:
    """A failure after which the process is not used again: what filled its memory may still be there."""
    return {"failed": {"message": message, "hint": _TOO_LITTLE}, "spent": True}


def _encoded(name: str, answer: dict[str, Any]) -> str:
    try:
        return json.dumps(answer, allow_nan=False)
    except MemoryError:
        return json.dumps(_exhausted(f"MemoryError: what {name} returned"))
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps({"failed": {"message": f"{name} returned what is no JSON data: {error}"}})


def _function(name: str, folder: Path, modules: dict[str, ModuleType]) -> Any:
    """The function of `module:function`; its file is run at the first call."""
    module, _, function = name.partition(":")
    if module not in modules:
        modules[module] = _load(module, folder / f"{module}.py")
    try:
        return getattr(modules[module], function)
    except AttributeError:
        raise ToolFailed(f"{module}.py has no function {function}", match="unavailable") from None


def _load(name: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise ToolFailed(f"{path.name} is not there", match="unavailable")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ToolFailed(f"{path.name} cannot be imported", match="unavailable")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up; a file named as a module of Python's own must not take its place.
    is_new = sys.modules.setdefault(name, module) is module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if is_new:
            del sys.modules[name]
        raise
    return module


def _call(function: Any, request: dict[str, Any], databases: Databases) -> Any:
    """Call it with what it asks for by annotation: context and resources are given, paths become Path."""
    arguments = dict(request["arguments"])
    wanted: dict[str, str] = {}
    for name, annotation in function.__annotations__.items():
        kind = _plain(annotation)
        if resource := resource_in(annotation):
            wanted[name] = resource
        elif kind == "Context":
            own = {"closed": request["closed"], "fixed": request["fixed"]}
            arguments[name] = Context(request["workspace"], request["run"], request["step"], **own)
        elif kind == "Path" and isinstance(arguments.get(name), str):
            arguments[name] = Path(arguments[name])
    with databases.lent(wanted, request) as given:
        return function(**arguments, **given)


def _plain(annotation: Any) -> str:
    """The last name of an annotation, written as text or not, without `| None`."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return text.removesuffix(" | None").rpartition(".")[2].strip()


def _explained(error: BaseException, folder: Path) -> str:
    """The error, and where in the tool's own files it came up."""
    kind, text = type(error).__name__, str(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(folder))]
    if isinstance(error, SyntaxError) and error.filename:
        where = f" ({Path(error.filename).name}:{error.lineno})"
        text = error.msg
    else:
        where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{kind}: {text}{where}" if text else f"{kind}{where}"


if __name__ == "__main__":
    main()
