"""Write docs/reference/: every key of every kind of file, from the JSON Schemas and so from the fields themselves.

python dev/reference.py
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from runner.project.schema import KINDS, schema

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
COMMAND = "python dev/reference.py"
Schema = dict[str, Any]
_PLAIN = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
    "array": "list",
}
_TYPES = "[names and types](../configuration.md#types)"
STEP = re.compile(r"(?:Foreach)?(Agent|Tool|Workflow|Approval|Wait)(?:Body)?")
"""Branches, items and last steps have the keys of phases, but for `next`, `errors` and `continue`."""
_HEAD = "| key | type | default | |\n|---|---|---|---|"


def main() -> int:
    """Write all pages, and take away what is none of them."""
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for path in FOLDER.iterdir():
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


def pages() -> dict[str, str]:
    """The text of every page by its file's name."""
    made = {f"{kind}.md": Page(kind, schema(kind)).text() for kind in KINDS}
    rows = "\n".join(f"- [{kind.files}]({name}.md): {kind.what}" for name, kind in KINDS.items())
    about = "Every key of every kind of file. Keys that begin with `x-` may stand anywhere and mean nothing."
    return {"README.md": f"# Reference\n\n{about}\n\n{rows}\n"} | made


class Page:
    """The page of one kind of file: its own keys, then each kind of mapping in it, in the order they are met."""

    def __init__(self, kind: str, made: Schema) -> None:
        self._kind = KINDS[kind]
        self._schema = made
        self._definitions: dict[str, Schema] = made["$defs"]
        self._met: list[str] = []

    def text(self) -> str:
        """The page in Markdown."""
        root = self._schema
        if root["type"] == "array":
            blocks = [f"# {self._kind.files}\n", f"A list; each entry is a {self.type_of(root['items'])}."]
        else:
            blocks = [f"# {self._kind.files}\n", *self._body(root)]
        for name in self._met:  # grows while it is gone through
            blocks += [f"\n## {_heading(self._definitions[name])}\n", *self._body(self._definitions[name])]
        return "\n".join(blocks) + "\n"

    def type_of(self, node: Schema) -> str:
        """What may stand somewhere, in a few words."""
        if "$ref" in node:
            return self._link(node["$ref"].rpartition("/")[2])
        if "enum" in node or "const" in node:
            return ", ".join(
                f"`{_yaml(value)}`" for value in node.get("enum", [node.get("const")]) if value is not None
            )
        if "anyOf" in node:
            return " or ".join(self.type_of(one) for one in node["anyOf"] if one != {"type": "null"})
        if "if" in node:
            return " or ".join(dict.fromkeys(self.type_of(one) for one in _members(node)))
        if "title" in node and "pattern" in node:
            return str(node["title"])
        return self._plain(node)

    def _plain(self, node: Schema) -> str:
        kinds = node.get("type", [])
        words = [_PLAIN[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
        if words == ["list"] and node.get("items"):
            return f"list of {self.type_of(node['items'])}"
        inner = next((value for key, value in node.get("patternProperties", {}).items() if key != "^x-"), None)
        inner = inner or node.get("additionalProperties")
        if words == ["mapping"] and isinstance(inner, dict) and inner:
            return f"mapping of {self.type_of(inner)}"
        return " or ".join(words) or "anything"

    def _link(self, name: str) -> str:
        if name == "Fields":
            return _TYPES
        if step := STEP.fullmatch(name):
            name = f"{step[1]}Phase"
        if name not in self._met:
            self._met.append(name)
        heading = _heading(self._definitions[name])
        return f"[{heading.lower()}](#{heading.lower().replace(' ', '-')})"

    def _body(self, node: Schema) -> list[str]:
        """A definition: its sentence, its keys, and what it is a choice of."""
        blocks = [node.get("description", "")]
        if properties := node.get("properties"):
            needed = node.get("required", ())
            keys = sorted(properties, key=lambda key: key not in needed)
            blocks += ["", _HEAD, *(self._row(key, properties[key], key in needed) for key in keys)]
        if "if" in node:
            blocks += ["", f"Beside them stand the keys of one of: {', '.join(map(self.type_of, _members(node)))}."]
        return blocks

    def _row(self, key: str, node: Schema, needed: bool) -> str:  # noqa: FBT001 - only called above
        default = "required" if needed else ""
        if "default" in node:
            default = f"`{_yaml(node['default'])}`"
        target = self._definitions[node["$ref"].rpartition("/")[2]] if "$ref" in node else {}
        about = node.get("description") or target.get("description", "")
        return " | ".join(("| `" + key + "`", _cell(self.type_of(node)), _cell(default), _cell(about) + " |"))


def _members(node: Schema) -> list[Schema]:
    """What a chain of if, then and else chooses from."""
    found = [node["then"]]
    rest = node.get("else", {})
    if "if" in rest:
        return found + _members(rest)
    return [*found, rest] if rest and "anyOf" not in rest else found


def _heading(definition: Schema) -> str:
    return str(definition["title"]).capitalize()


def _yaml(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value).replace('"', "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
