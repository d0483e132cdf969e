"""`asterisk-router`: the group of all commands, and how their failures look."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import click

from ...errors import RouterError
from . import installed_settings

COMMANDS = (
    "demo", "serve", "check", "route", "number", "caller", "tag", "decoy", "queue", "reserve", "callbacks", "calls",
    "dialplan", "backtest", "simulate", "staffing", "economics", "shadow", "status", "people", "acts", "install",
    "uninstall", "doctor", "version",
)  # fmt: skip
"""Every command: the module of that name holds it."""

TRACEBACK = "ASTERISK_ROUTER_TRACEBACK"
"""Environment variable that, when not empty, lets an unforeseen fault show where it happened."""

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of SIGINT, as shells have it."""

EPILOG = """\b
Exit codes:
  0    done
  1    refused or failed; why is on standard error
  2    the command line cannot be understood
  130  interrupted

Start with `asterisk-router demo`: a day of calls, nothing else needed."""


class RouterCommands(click.Group):
    """A group whose commands end in a sentence and an exit code, never in a traceback."""

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        """The command that is meant; most of them are about the installed service, and so have its settings."""
        if args and args[0] not in installed_settings.WITHOUT:
            installed_settings.take_in()
        return super().resolve_command(context, args)

    def invoke(self, context: click.Context) -> Any:
        """Run a command; every fault becomes one message on standard error, which commands no terminal."""
        try:
            return super().invoke(context)
        except RouterError as fault:
            raise _failure(str(fault)) from fault
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise
        except OSError as fault:
            raise _failure(f"{fault.filename or 'system'}: {fault.strerror or fault}") from fault
        except Exception as fault:  # the last door before the user's face
            if os.environ.get(TRACEBACK):
                raise
            raise _failure(
                f"unforeseen fault, please report it: {type(fault).__name__}: {fault} ({TRACEBACK}=1 shows where)"
            ) from fault


def _failure(said: str) -> click.ClickException:
    """A fault as it is shown, whoever chose the words in it."""
    from .tables import printable

    return click.ClickException("\n".join(map(printable, said.split("\n"))))


def commands(asked: str = "") -> click.Group:
    """The whole command line; where there is a command named `asked`, with it alone, which starts sooner."""
    group = RouterCommands(
        "asterisk-router",
        help="Decides, at the first ring, who is calling an Asterisk PBX, which branch the call takes and how soon "
        "a person answers.",
        epilog=EPILOG,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    for name in [asked] if asked in COMMANDS else COMMANDS:
        group.add_command(getattr(import_module(f".{name}", __package__), name))
    return group
