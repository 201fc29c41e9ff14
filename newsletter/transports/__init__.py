"""Transports: one verb, hand_over; outcomes are values."""
