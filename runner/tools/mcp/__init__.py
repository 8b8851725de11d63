"""The kind `mcp`: a pack whose tools are a server's, as tools.d/mcp.lock holds them.

`spec` is what the pack says of the server, `lock` what was agreed on of its tools, `tool` a tool as runs see it;
`server` is the live part, over one `connection` at a time, which goes by `stdio` or `http`. The library that speaks the
protocol is imported by the live part alone.
"""
