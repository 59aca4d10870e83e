"""From an order log to a model worth serving: features, measures, and the commands that run them."""
