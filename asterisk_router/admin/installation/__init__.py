"""What an installation lays down on a machine, and how it is taken away again."""
