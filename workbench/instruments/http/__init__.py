"""Services that a check plays itself: they record, answer by script, or pose as a deployment."""
