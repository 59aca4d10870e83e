"""Where learner code runs: its processes, their limits, the kernel's walls around them, deadlines."""
