"""Looks at everything the router stands on, one file a thing: what is well, what is not, and what to do about it.

Each `about_...` judges what was seen and asks nothing itself; `examination` does the asking.
"""
