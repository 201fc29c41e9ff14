"""Running it: the processes of `up`, the embedded server, the demo."""
