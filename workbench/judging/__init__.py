"""How a learner's files are run and judged: processes, the boundary, expectations, verdicts."""
