"""Webhooks out: which addresses may be asked, how one is sent, and who sends what is due."""
