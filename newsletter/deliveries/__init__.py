"""The ledger: who gets which copy, handed over in batches, every outcome recorded."""
