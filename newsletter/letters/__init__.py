"""Mails outside an edition, one row each: to staff now; confirmations and the like come the same way."""
