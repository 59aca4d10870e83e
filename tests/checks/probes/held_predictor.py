"""Runs beside the project: the cache around a predictor that counts, waits, fails and is swapped."""

import itertools
import threading
import time
import zlib

PATIENCE_SECONDS = 5


def answer_of(version, row):
    """What the held predictor says: another number for each version and each row, at times 0.0."""
    if row[0] == 0:
        return 0.0
    return zlib.crc32(repr((version, *map(float, row))).encode()) / 2**32


def customer(row, customer_id="C-1"):
    from churn_service.predictor import Customer

    return Customer(customer_id, *row)


class Held:
    """The predictor inside: it notes each call, and does what the check planned for the next."""

    def __init__(self):
        self.model_version = "v1"
        self.calls = []
        self.planned = None
        self.gates = {}

    def predict_probability(self, asked):
        return self.predict_rows([asked])[0]

    def predict_probabilities(self, customers):
        return self.predict_rows(customers)

    def predict_rows(self, customers):
        from churn_service.predictor import feature_row

        rows = [list(feature_row(c)) for c in customers]
        self.calls.append(rows)
        planned, self.planned = self.planned, None
        if planned == "fail":
            raise RuntimeError("the held predictor failed")
        answers = [answer_of(self.model_version, row) for row in rows]
        if planned:  # the model is swapped while this answer is on its way
            self.model_version = planned
        for row in rows:
            if row[0] in self.gates:
                self.gates[row[0]].wait(PATIENCE_SECONDS)
        return answers


class Scenario:
    def __init__(self, capacity, ttl_seconds, clock=None):
        from churn_service.cache import CachedPredictor

        self.now = 1000.0
        self.counts = []
        self.held = Held()
        self.cache = CachedPredictor(
            self.held,
            capacity=capacity,
            ttl_seconds=ttl_seconds,
            clock=clock or (lambda: self.now),
            count=self.counts.append,
        )

    def ask(self, row, customer_id="C-1"):
        return self.told(lambda: self.cache.predict_probability(customer(row, customer_id)))

    def ask_many(self, rows):
        return self.told(lambda: self.cache.predict_probabilities([customer(r) for r in rows]))

    def told(self, ask):
        self.held.calls, self.counts[:] = [], []
        try:
            value = ask()
        except RuntimeError as error:
            value = f"raised {error}"
        told = {"value": value, "calls": self.held.calls, "counts": list(self.counts)}
        return told | {"version": self.cache.model_version}

    def wait(self, seconds):
        self.now += seconds

    def swap(self, version):
        self.held.model_version = version

    def plan(self, what):
        self.held.planned = what


def play(steps, capacity, ttl_seconds):
    """Plays the steps, each a method of Scenario with its arguments; returns what each asked told."""
    scenario = Scenario(capacity, ttl_seconds)
    return [getattr(scenario, name)(*arguments) for name, *arguments in steps]


def make(capacity, ttl_seconds):
    """Only makes a cache, and says so."""
    Scenario(capacity, ttl_seconds)
    return "a cache"


def hit_while_another_waits(known, slow):
    """Whether a remembered answer comes while the held predictor is still busy with another row."""
    scenario = Scenario(10, 60.0)
    scenario.ask(known)
    gate = scenario.held.gates[slow[0]] = threading.Event()
    waiting = threading.Thread(target=lambda: scenario.cache.predict_probability(customer(slow)))
    waiting.start()
    came = threading.Event()

    def ask_known():
        scenario.cache.predict_probability(customer(known))
        came.set()

    asking = threading.Thread(target=ask_known)
    asking.start()
    in_time = came.wait(PATIENCE_SECONDS / 2)
    gate.set()
    waiting.join()
    asking.join()
    return in_time


class GivesWay(float):
    """A number at whose hash another thread may go on."""

    def __hash__(self):
        time.sleep(0)
        return super().__hash__()


def many_threads(rows, rounds, capacity):
    """Answers of eight threads that ask about the same rows in different orders, with small room.

    A thread gives way wherever a key is looked up, and answers soon expire: what is not kept apart
    by a lock meets.
    """
    scenario = Scenario(capacity, 40.0, clock=itertools.count(1000.0).__next__)
    wrong, errors = [], []

    def ask_all(number):
        try:
            for turn in range(rounds):
                row = rows[(turn * (2 * number + 1) + number) % len(rows)]
                asked = customer([GivesWay(value) for value in row])
                got = scenario.cache.predict_probability(asked)
                if got != answer_of("v1", row):
                    wrong.append([row, got])
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=ask_all, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"wrong": wrong[:3], "errors": errors[:3], "counts": len(scenario.counts)}
