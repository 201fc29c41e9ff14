"""Watching: what goes wrong or is about to, derived from the columns of the rooms below."""
