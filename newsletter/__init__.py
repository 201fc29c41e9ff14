"""The weekly round-up desk of a publication: collect, compose, approve, send, and account for every copy."""

__version__ = "0.1.0"
