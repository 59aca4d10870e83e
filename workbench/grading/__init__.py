"""Grades many submissions: takes the declared files, judges them apart from each other, reports."""
