"""The field's own linters, run on a learner's file: what they know is not written down here again."""
