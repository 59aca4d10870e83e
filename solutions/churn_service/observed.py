"""A predictor that holds a predictor, and tells the metrics and the prediction log what it did."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from churn_service.cache import CachedPredictor
from churn_service.logs import pseudonym
from churn_service.metrics import ServiceMetrics
from churn_service.prediction_log import NoPredictionLog, PredictionLog
from churn_service.prediction_store import LoggedPrediction
from churn_service.predictor import Customer, Predictor
from churn_service.settings import Settings


class ObservedPredictor:
    """Predicts as the predictor it holds does; every prediction is counted, timed and kept."""

    def __init__(
        self,
        predictor: Predictor,
        metrics: ServiceMetrics,
        prediction_log: PredictionLog | NoPredictionLog,
        pseudonym_key: bytes,
    ):
        """Hold `predictor`; the key turns customer ids into the pseudonyms of the log."""
        self.predictor = predictor
        self.metrics = metrics
        self.prediction_log = prediction_log
        self._pseudonym_key = pseudonym_key
        self._keeps_none = isinstance(prediction_log, NoPredictionLog)
        # No contract asks metrics to count a whole call at once. Those that can save a batch much time.
        self._count_many = getattr(metrics, "count_predictions", None)

    @property
    def model_version(self) -> str:
        """The version of the held predictor at this moment."""
        return self.predictor.model_version

    def predict_probability(self, customer: Customer) -> float:
        """Return what the predictor says; raise what it raises."""
        started = time.perf_counter()
        try:
            probability = self.predictor.predict_probability(customer)
        except Exception:
            self.metrics.count_failed_prediction()
            raise
        self.note(customer, probability, time.perf_counter() - started)
        return probability

    def predict_probabilities(self, customers: Sequence[Customer]) -> list[float]:
        """Return what the predictor says of all of them; each counts with its share of the time."""
        started = time.perf_counter()
        try:
            probabilities = self.predictor.predict_probabilities(customers)
        except Exception:
            for _ in customers:
                self.metrics.count_failed_prediction()
            raise
        share = (time.perf_counter() - started) / max(1, len(customers))
        pairs = list(zip(customers, probabilities, strict=True))
        if self._count_many and all(0 <= probability <= 1 for probability in probabilities):
            self._count_many(probabilities, share)
            for customer, probability in () if self._keeps_none else pairs:
                self._keep(customer, probability, share)
        else:
            for customer, probability in pairs:
                self.note(customer, probability, share)
        return probabilities

    def note(self, customer: Customer, probability: float, seconds: float) -> None:
        """Tell the metrics and the prediction log of one prediction that was made."""
        if not 0 <= probability <= 1:  # a NaN would make the sum of all scores NaN, for good
            self.metrics.count_failed_prediction()
            return
        self.metrics.count_prediction(probability, seconds)
        if not self._keeps_none:  # else nobody needs a row to be made
            self._keep(customer, probability, seconds)

    def _keep(self, customer: Customer, probability: float, seconds: float) -> None:
        self.prediction_log.record(
            LoggedPrediction(
                datetime.now(UTC),
                self.model_version,
                customer.days_since_last_order,
                customer.total_orders,
                customer.lifetime_value_gbp,
                customer.email_open_rate,
                probability,
                seconds,
                pseudonym(customer.customer_id, self._pseudonym_key),
            )
        )


@dataclass(frozen=True)
class Instruments:
    """What the service is watched with. `predictor` is None when no model is loaded."""

    metrics: ServiceMetrics
    prediction_log: PredictionLog | NoPredictionLog
    predictor: ObservedPredictor | None


def attach(app: Flask, predictor: Predictor | None, settings: Settings) -> Instruments:
    """Make the instruments of a service and keep them in `app.extensions["churn"]`.

    /predict and /predict/batch ask the predictor made here, and through it a cache when there is to
    be one. /ready asks the bare predictor: its probes are no predictions.
    """
    metrics = ServiceMetrics(predictor.model_version if predictor else None)
    kept: PredictionLog | NoPredictionLog = NoPredictionLog()
    if settings.prediction_log != "off":
        kept = PredictionLog(settings.prediction_log, on_drop=metrics.count_dropped)
    observed = None
    if predictor and settings.cache_entries:
        predictor = CachedPredictor(
            predictor,
            capacity=settings.cache_entries,
            ttl_seconds=settings.cache_seconds,
            clock=time.monotonic,
            count=metrics.count_cache,
        )
    if predictor:
        observed = ObservedPredictor(predictor, metrics, kept, settings.pseudonym_key)
    app.extensions["churn"] = Instruments(metrics, kept, observed)
    return app.extensions["churn"]
