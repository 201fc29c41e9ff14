"""newsletter doctor: everything that must be right for mail to go out, looked at one by one. It changes nothing."""
