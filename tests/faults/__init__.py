"""The ledger under faults: real processes are killed and frozen, and an oracle compares the truth with the ledger."""
