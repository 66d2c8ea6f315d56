"""Somebody reads the guide and does what each page says: every block of code is run, and every answer compared."""
