"""The newsletters of an installation, their sections, and the staff who make them."""
