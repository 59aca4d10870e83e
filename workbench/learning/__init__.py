"""What a learner touches: panels, progress, hints, watch mode, their own service."""
