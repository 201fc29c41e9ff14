"""Errands: what staff asked for and a worker does."""
