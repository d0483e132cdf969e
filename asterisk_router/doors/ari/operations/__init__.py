"""What can be done, generated from the API description Asterisk ships: one file for a class."""
