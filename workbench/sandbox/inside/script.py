"""A predictor that says what a check wants it to say."""

import time


class Script:
    """What a scripted predictor answers, a table from the four features to a probability; and how it
    was asked."""

    def __init__(self, model_version, answers, default, delay_seconds=0.0):
        self.model_version = model_version
        self.delay_seconds = delay_seconds
        self.table = {tuple(map(float, row)): probability for row, probability in answers}
        self.default = default
        self.broken = default is None
        self.singles, self.batches = 0, []

    def begin(self):
        time.sleep(self.delay_seconds)
        if self.broken:
            raise RuntimeError("the model is broken")

    def probability_of(self, customer):
        row = (
            customer.days_since_last_order,
            customer.total_orders,
            customer.lifetime_value_gbp,
            customer.email_open_rate,
        )
        return self.table.get(tuple(map(float, row)), self.default)


def predictor_of(script):
    """A predictor that follows the script, and shows nothing of it to who does not ask."""

    class Predictor:
        model_version = script.model_version

        def predict_probability(self, customer):
            script.begin()
            script.singles += 1
            return script.probability_of(customer)

        def predict_probabilities(self, customers):
            """All of them in one call, which a check can count in `batches`."""
            script.begin()
            script.batches.append(len(customers))
            return [script.probability_of(customer) for customer in customers]

    return Predictor()
