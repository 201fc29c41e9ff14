"""Readers: who they are, what they consented to, and who must not be mailed."""
