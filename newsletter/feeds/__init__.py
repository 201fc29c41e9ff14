"""Collecting: a publication's feeds and pages become articles."""
