"""The other stacks of the serving benchmark, each as a tutorial or its own documentation shows it."""
