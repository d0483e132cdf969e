"""The ARI client, from the wire up:

- `http`: REST on connections of our own; `websocket`: events, and REST as frames (aiohttp)
- `abilities`: what the Asterisk at the other end can do
- `link`: one connection, from its first request to its end
- `connection`: connects again whenever a link ends; requests, events
- `objects`, `operations`: channels, bridges, ... with the methods of the API, generated
- `item_events`, `hearers`: who hears which events
- `client`: all of it
"""
