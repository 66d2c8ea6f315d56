"""The guide: its pages as they are written, and their style."""
