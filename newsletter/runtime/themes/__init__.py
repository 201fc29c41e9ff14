"""What designers work with: invented weeks to look at, a scaffold, a live preview and a check."""
