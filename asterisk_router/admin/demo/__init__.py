"""A day of calls played to the real daemon through its real socket, for whoever has no Asterisk yet."""
