"""Reading returned mail: bytes in, a Reading out. No Django, no tables, no network; nothing that comes is trusted."""
