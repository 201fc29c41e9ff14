"""The readers' door: no account, no cookie, no JavaScript."""
