"""No OrderedDict: a plain dict whose entries are objects, and a new dict for each version."""

import threading

from churn_service.predictor import feature_row


class Entry:
    __slots__ = ("born", "probability", "used")

    def __init__(self, probability, born, used):
        self.probability, self.born, self.used = probability, born, used


class CachedPredictor:
    def __init__(self, predictor, *, capacity, ttl_seconds, clock, count=lambda outcome: None):
        if not (capacity >= 1 and ttl_seconds > 0):
            raise ValueError("no such cache")
        self.held, self.capacity, self.ttl, self.clock, self.count = (
            predictor, capacity, ttl_seconds, clock, count
        )
        self.guard = threading.RLock()
        self.version, self.known, self.turn = predictor.model_version, {}, 0

    @property
    def model_version(self):
        return self.held.model_version

    def forget_other_versions(self, version):
        with self.guard:
            if version != self.version:
                self.version, self.known = version, {}

    def look(self, row):
        with self.guard:
            entry = self.known.get(row)
            if entry is None:
                return None
            if self.clock() - entry.born >= self.ttl:
                self.known.pop(row)
                return None
            self.turn += 1
            entry.used = self.turn
            return entry

    def keep(self, version, row, probability):
        with self.guard:
            if not version == self.version == self.held.model_version:
                return
            self.turn += 1
            self.known[row] = Entry(probability, self.clock(), self.turn)
            if len(self.known) > self.capacity:
                oldest = min(self.known, key=lambda other: self.known[other].used)
                del self.known[oldest]

    def predict_probability(self, customer):
        version = self.held.model_version
        self.forget_other_versions(version)
        row = feature_row(customer)
        entry = self.look(row)
        self.count("hit" if entry else "miss")
        if entry:
            return entry.probability
        fresh = self.held.predict_probability(customer)
        self.keep(version, row, fresh)
        return fresh

    def predict_probabilities(self, customers):
        while True:
            version = self.held.model_version
            self.forget_other_versions(version)
            entries = [self.look(feature_row(c)) for c in customers]
            wanted = [c for c, entry in zip(customers, entries) if entry is None]
            fresh = self.held.predict_probabilities(wanted) if wanted else []
            if self.held.model_version == version:
                break
        for entry in entries:
            self.count("hit" if entry else "miss")
        for customer, probability in zip(wanted, fresh):
            self.keep(version, feature_row(customer), probability)
        rest = iter(fresh)
        return [next(rest) if entry is None else entry.probability for entry in entries]
