"""What readers see on the web, without an account and without JavaScript."""
