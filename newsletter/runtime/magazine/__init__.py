"""The Even Keel, the invented magazine that the demo reads: nobody and nothing in it exists."""
