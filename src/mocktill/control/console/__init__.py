"""The console: the files that a browser makes the page of."""
