"""The kind `http`: one request to a server, and its answer as plain data.

`fields` what the file says · `address` where it goes · `asking` the request that a call makes · `guard` which addresses
may be reached · `exchange` request and answer · `content` the answer as text or JSON · `paths` a part of it.
"""

from runner.tools.http.tool import HttpTool

__all__ = ["HttpTool"]
