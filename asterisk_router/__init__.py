"""asterisk-router decides, at the first ring, who is calling, which branch the call takes and how soon a person
answers.

The map, in the order a call meets it:

- `doors`: where Asterisk asks (FastAGI, the AGI script)
- `wire`: Asterisk's bytes to our words and back
- `call_path`: the spine: normalise -> find the caller -> classify -> treat
- `numbering`: which number is this
- `callers`: who is this
- `policy`: the language in which a sysadmin says what happens
- `replay`: past calls played again: staffing, economics
- `store`: Redis, where callers are kept
- `admin`: what people do: one function per act, the command line over them
- `ari`: a client of ARI, on its own
- `daemon`: puts it all together
"""

__version__ = "0.1.0"
