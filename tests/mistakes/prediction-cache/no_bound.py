# fails: test_the_room_is_bounded
# says: how many answers are kept after the fourth
# BEGIN SOLUTION
        if capacity < 1 or not ttl_seconds > 0:
            raise ValueError("a cache needs a capacity of 1 or more and a positive time to live")
        self._predictor = predictor
        self._capacity = capacity
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._count = count
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple, tuple[float, float]] = OrderedDict()
# END SOLUTION
# BEGIN SOLUTION
        return self._predictor.model_version
# END SOLUTION
# BEGIN SOLUTION
        version = self._predictor.model_version
        key = (version, *feature_row(customer))
        known = self._recall(key)
        if known is not None:
            return known
        probability = self._predictor.predict_probability(customer)
        self._remember(key, probability)
        return probability
# END SOLUTION
# BEGIN SOLUTION
        version = self._predictor.model_version
        keys = [(version, *feature_row(customer)) for customer in customers]
        answers = [self._recall(key) for key in keys]
        missing = [place for place, answer in enumerate(answers) if answer is None]
        if missing:
            asked = self._predictor.predict_probabilities([customers[place] for place in missing])
            if self._predictor.model_version != version:
                return self._predictor.predict_probabilities(customers)
            for place, probability in zip(missing, asked, strict=True):
                answers[place] = probability
                self._remember(keys[place], probability)
        return answers
# END SOLUTION
# BEGIN SOLUTION
    def _recall(self, key: tuple) -> float | None:
        now = self._clock()
        with self._lock:
            probability, kept_at = self._answers.get(key, (None, now))
            if probability is not None and now - kept_at >= self._ttl_seconds:
                del self._answers[key]
                probability = None
            if probability is not None:
                self._answers.move_to_end(key)
        self._count("miss" if probability is None else "hit")
        return probability

    def _remember(self, key: tuple, probability: float) -> None:
        if self._predictor.model_version != key[0]:
            return
        now = self._clock()
        with self._lock:
            self._answers[key] = (probability, now)
            self._answers.move_to_end(key)

# END SOLUTION
