"""Faulty variants of the reference answers, and which of them a check lets through."""
