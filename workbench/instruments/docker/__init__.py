"""Dockerfiles, images, containers and stacks, on a real engine."""
