"""The door for providers: what they report is verified, stored, and only then answered."""
