"""What the daemon does to the queues of a PBX by itself, one file a duty; only the daemon that leads there does it."""
