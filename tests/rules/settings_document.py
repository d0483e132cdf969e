"""Writes docs/settings.md from the options of `asterisk-router serve`: the document cannot say anything else."""

from __future__ import annotations

import click

from asterisk_router.admin.cli.serve import serve

HEAD = """\
# Settings of the daemon

Made from the options of `asterisk-router serve` by `make docs`; change them there. An option goes before its
environment variable, and that before the default. `--redis`, `--state-dir` and `--policy` (and their variables) mean
the same for every other command, so that `asterisk-router caller set` reaches the callers of the daemon that runs with
them.

| option | environment variable | default | what it does |
| --- | --- | --- | --- |
"""


def document() -> str:
    """The whole text of docs/settings.md."""
    options = [option for option in serve.params if isinstance(option, click.Option)]
    return HEAD + "".join(map(_row, options))


def _row(option: click.Option) -> str:
    default = option.show_default if isinstance(option.show_default, str) else option.default
    shown = ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)
    name = f"{option.opts[0]} {option.metavar or '/'.join(getattr(option.type, 'choices', ()))}".replace("|", "\\|")
    return f"| `{name}` | `{option.envvar}` | {shown} | {option.help} |\n"
