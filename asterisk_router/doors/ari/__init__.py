"""The ARI client: one WebSocket for events, REST by HTTP keep-alive or over that WebSocket."""
