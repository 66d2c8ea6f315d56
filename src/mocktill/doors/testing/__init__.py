"""For test authors: a sandbox for one test, in this process, on a server of this process, or on one that runs."""
