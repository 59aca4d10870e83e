"""What a service exposes, and what its alert rules make of it."""
