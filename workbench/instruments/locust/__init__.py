"""Load runs of a learner's locustfile."""
