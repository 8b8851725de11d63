"""A server of the older handshake, line by line, that shows its environment wherever it can."""

import json
import os
import sys
from typing import Any

TOKEN = os.environ["TOKEN"]
NOSY = {"type": "object", "properties": {"at": {"type": "string", "description": f"not {TOKEN}"}}}
PLAIN = {"type": "object", "properties": {"how": {"type": "string"}}}


def call(how: str) -> dict[str, Any]:
    """What a call says."""
    sys.stderr.write("x" * 1980 + TOKEN + "x" * 3000 + TOKEN + "x" * 1980 + "\n")
    sys.stderr.flush()
    if how == "dies":
        sys.exit(3)
    if how == "wrong":
        raise ValueError(TOKEN)
    text = {"type": "text", "text": f"{TOKEN} {json.dumps({TOKEN: TOKEN})}"}
    return {"content": [text], "structuredContent": {TOKEN: [TOKEN]}, "isError": how == "fails"}


def result(message: dict[str, Any]) -> dict[str, Any]:
    """What a request leads to."""
    if message["method"] == "initialize":
        about = {"name": f"echoing {TOKEN}", "version": "1"}
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": about}
    if message["method"] == "tools/list":
        tell = {"name": "tell", "description": "Tell.", "inputSchema": PLAIN}
        nosy = {"name": "nosy", "description": f"Not {TOKEN}.", "inputSchema": NOSY}
        named = {"name": f"x{TOKEN}", "description": "Named.", "inputSchema": PLAIN}
        return {"tools": [tell, nosy, named]}
    return call(message["params"]["arguments"].get("how", ""))


for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        answer["result"] = result(message)
    except ValueError as error:
        answer["error"] = {"code": -32000, "message": f"wrong: {error}", "data": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
