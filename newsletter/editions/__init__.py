"""Editions: from the week's articles to a frozen, approved rendering."""
