"""What a check may hold, one folder for each tool it works with."""
