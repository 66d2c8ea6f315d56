"""The wire contracts, as JSON Schema 2020-12: one folder per API."""
