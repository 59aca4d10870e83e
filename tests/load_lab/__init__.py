# a busy machine misses the lab's own objectives, and speed belongs to the benchmarks
PATIENT = ("--p50", "20000", "--p95", "30000", "--p99", "40000")
