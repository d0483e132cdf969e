"""The command line: one file per command group, each command a thin hand on an act of `admin`."""
