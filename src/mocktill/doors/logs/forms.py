"""The forms of a server's log, by the names that a user gives them; in a file of their own, which loads nothing."""

TEXT, JSON, NONE = "text", "json", "none"
FORMS = (TEXT, JSON, NONE)
"""Lines to read, lines of JSON, and no lines. With JSON stdout has nothing else, but for the ready line."""
