"""The cache is two closures over one dict; recency is the order of insertion."""

from threading import Lock

from churn_service.predictor import feature_row


def memory(capacity, ttl_seconds, clock):
    lock, kept = Lock(), {}

    def recall(key):
        with lock:
            found = kept.pop(key, None)
            if found is None or clock() - found[1] >= ttl_seconds:
                return ()
            kept[key] = found
            return (found[0],)

    def remember(key, probability):
        with lock:
            kept.pop(key, None)
            kept[key] = (probability, clock())
            for oldest in list(kept)[: max(0, len(kept) - capacity)]:
                del kept[oldest]

    return recall, remember


class CachedPredictor:
    def __init__(self, predictor, *, capacity, ttl_seconds, clock, count=lambda outcome: None):
        if capacity <= 0:
            raise ValueError("capacity")
        if not 0 < ttl_seconds:
            raise ValueError("ttl_seconds")
        self.inner, self.count = predictor, count
        self.recall, self.remember = memory(capacity, ttl_seconds, clock)

    model_version = property(lambda self: self.inner.model_version)

    def predict_probability(self, customer):
        before = self.model_version
        key = (feature_row(customer), before)
        for probability in self.recall(key):
            self.count("hit")
            return probability
        self.count("miss")
        probability = self.inner.predict_probability(customer)
        if self.model_version == before:
            self.remember(key, probability)
        return probability

    def predict_probabilities(self, customers):
        before = self.model_version
        found = {}
        for place, customer in enumerate(customers):
            for probability in self.recall((feature_row(customer), before)):
                found[place] = probability
        missing = [place for place in range(len(customers)) if place not in found]
        for place in range(len(customers)):
            self.count("hit" if place in found else "miss")
        if missing:
            fresh = self.inner.predict_probabilities([customers[place] for place in missing])
            if self.model_version != before:
                return list(self.inner.predict_probabilities(customers))
            for place, probability in zip(missing, fresh):
                found[place] = probability
                self.remember((feature_row(customers[place]), before), probability)
        return [found[place] for place in range(len(customers))]
