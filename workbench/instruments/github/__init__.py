"""GitHub workflows, read as data and played with stand-ins."""
