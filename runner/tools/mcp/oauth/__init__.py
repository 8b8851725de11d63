"""Who asks a server at an address, by OAuth: the credentials of a client, or what a person agreed to once.

`spec` is what the pack says, `asking` the only way to authorization servers, `client` the grant of a client by itself,
`login` the grant of a person in a browser, `kept` what a login leaves, `renewing` how a daemon lives on it, `carrying`
what all of them share. The library that knows the protocol is imported by the live parts alone.
"""
