"""What the course is: its catalogue, where things are, how starters and judged trees are made."""
