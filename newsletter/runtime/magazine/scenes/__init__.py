"""The scenes, grouped by where they are; each is a function from a seeded random source to a painted picture."""
