"""What a cached predictor must do: the right answer always, and the model asked as seldom as it may be."""

import zlib
from pathlib import Path

PROBE = Path(__file__).parent / "probes" / "held_predictor.py"
ROOM, TTL = 3, 60.0


def draw_row(rng) -> list[float]:
    """Four features; no two draws agree."""
    return [rng.uniform(1, 999), rng.randint(1, 50), round(rng.uniform(1, 900), 2), rng.random()]


def answer_of(version: str, row: list) -> float:
    """The rule by which the held predictor answers."""
    if row[0] == 0:
        return 0.0
    return zlib.crc32(repr((version, *map(float, row))).encode()) / 2**32


class Play:
    """A scenario that is written down step by step, played once, and then judged step by step."""

    def __init__(self, project, capacity: int = ROOM, ttl_seconds: float = TTL):
        self.project, self.capacity, self.ttl_seconds = project, capacity, ttl_seconds
        self.steps: list[list] = []
        self.words: list[str] = []

    def do(self, name: str, *arguments, said: str) -> int:
        """Adds a step; returns its number, by which it is judged."""
        self.steps.append([name, *arguments])
        self.words.append(said)
        return len(self.steps) - 1

    def ask(self, row: list, customer_id: str = "C-1", said: str = "asked about a customer") -> int:
        return self.do("ask", row, customer_id, said=said)

    def run(self) -> None:
        said = f"CachedPredictor(held, capacity={self.capacity}, ttl_seconds={self.ttl_seconds:g}, ...)"
        self.answer = self.project.probe(
            PROBE, "play", self.steps, self.capacity, self.ttl_seconds, said=said
        )
        self.told = self.answer.value

    def fails(self, step: int, got: str, expected: str, look: str):
        story = ", ".join(self.words[: step + 1])
        return self.answer.fails(f"Then it was {story}. {got}", expected, look)

    def must(self, step: int, value, *, hit: bool, look: str) -> None:
        """The step's answer must be `value`, taken from the cache or asked for anew, and counted so."""
        told = self.told[step]
        if told["value"] != value:
            raise self.fails(step, f"It answered {told['value']!r}", f"{value!r}", look)
        if hit and told["calls"]:
            raise self.fails(
                step, "The held predictor was asked again", "the remembered answer", look
            )
        if not hit and not told["calls"]:
            raise self.fails(
                step, "The held predictor was not asked", "it is asked for this answer", look
            )
        wanted = ["hit" if hit else "miss"]
        if told["counts"] != wanted:
            raise self.fails(
                step,
                f"`count` was called with {told['counts']}",
                f"one call: {wanted[0]!r}",
                "where `count` is called: once for each customer, whatever the outcome",
            )


def test_the_second_time_it_remembers(project, rng):
    """The same features are answered from memory, and each customer is counted"""
    play, row, other = Play(project), draw_row(rng), draw_row(rng)
    nothing = [0.0, *draw_row(rng)[1:]]
    first, again = play.ask(row), play.ask(row, said="asked about the same customer")
    new = play.ask(other, said="asked about another customer")
    zero = play.ask(nothing, said="asked about a third one, whose probability is 0.0")
    zero_again = play.ask(nothing, said="asked about that one again")
    play.run()
    play.must(
        first, answer_of("v1", row), hit=False, look="what happens when nothing is remembered"
    )
    play.must(again, answer_of("v1", row), hit=True, look="where the answer is kept, and looked up")
    play.must(new, answer_of("v1", other), hit=False, look="what the key of an answer is made of")
    play.must(zero, 0.0, hit=False, look="a probability of 0.0 is an answer like any other")
    play.must(
        zero_again,
        0.0,
        hit=True,
        look="how a remembered answer is told from none: 0.0 is falsy, None means nothing is known",
    )


def test_the_key_is_the_features(project, rng):
    """Another customer with the same features is a hit; a small difference is not"""
    play, row = Play(project, capacity=20), draw_row(rng)
    play.ask(row, "C-1")
    twin = play.ask(row, "C-2", said="asked about customer C-2 with the same four features")
    neighbours = []
    for place in range(4):
        near = list(row)
        near[place] += 1e-6
        told = f"asked about one whose feature number {place + 1} is larger by 0.000001"
        neighbours.append((near, play.ask(near, said=told)))
    play.run()
    play.must(twin, answer_of("v1", row), hit=True, look="the model never sees the customer's id")
    for near, step in neighbours:
        play.must(
            step,
            answer_of("v1", near),
            hit=False,
            look="all four features belong to the key, as they came: rounded ones are other customers'",
        )


def test_an_answer_expires(project, rng):
    """An answer is good for less than its time to live, however often it is used"""
    ttl = rng.choice([10.0, 45.0, 300.0])
    play, row, other = Play(project, ttl_seconds=ttl), draw_row(rng), draw_row(rng)
    play.ask(row)
    play.do("wait", ttl, said="left alone for exactly ttl_seconds")
    old = play.ask(row, said="asked again")
    play.ask(other, said="asked about another customer")
    play.do("wait", ttl * 0.75, said="left alone for three quarters of ttl_seconds")
    young = play.ask(other, said="asked about that one again")
    play.do("wait", ttl * 0.25, said="left alone for the fourth quarter")
    used = play.ask(other, said="asked again")
    anew = play.ask(other, said="asked once more")
    play.run()
    play.must(old, answer_of("v1", row), hit=False, look="at ttl_seconds an answer is too old")
    expected = answer_of("v1", other)
    play.must(
        young, expected, hit=True, look="`clock()` is in seconds, and the only clock there is"
    )
    play.must(
        used,
        expected,
        hit=False,
        look="the age of an answer: it counts from when it was computed, not from when it was last used",
    )
    play.must(anew, expected, hit=True, look="an answer that was asked for anew is kept anew")


def test_the_room_is_bounded(project, rng):
    """At most `capacity` answers are kept; the one unused for longest goes first"""
    play = Play(project)
    rows = [draw_row(rng) for _ in range(ROOM)]
    for row in rows:
        play.ask(row, said="asked about one of three customers")
    used = play.ask(rows[0], said="asked about the first of them again")
    play.ask(draw_row(rng), said="asked about a fourth, for whom there is no room")
    kept = play.ask(rows[0], said="asked about the first")
    gone = play.ask(rows[1], said="asked about the second")
    play.run()
    play.must(used, answer_of("v1", rows[0]), hit=True, look="three answers fit in a capacity of 3")
    play.must(
        kept,
        answer_of("v1", rows[0]),
        hit=True,
        look="a hit makes an answer the most recently used one",
    )
    play.must(
        gone,
        answer_of("v1", rows[1]),
        hit=False,
        look="how many answers are kept after the fourth: the second was unused for longest",
    )


def test_another_model_is_another_question(project, rng):
    """After a swap of the model no answer of the old one is given"""
    play, row = Play(project), draw_row(rng)
    play.ask(row)
    play.do("swap", "v2", said="given model v2 in place of v1")
    new = play.ask(row, said="asked about the same customer")
    play.do("swap", "v1", said="given v1 back")
    back = play.ask(row, said="asked again")
    play.run()
    play.must(
        new,
        answer_of("v2", row),
        hit=False,
        look="the version in the key: it is the held predictor's at this moment, not at the start",
    )
    if play.told[new]["version"] != "v2":
        raise play.fails(
            new,
            f"`model_version` is {play.told[new]['version']!r}",
            "'v2'",
            "where `model_version` comes from: the held predictor, each time it is read",
        )
    if play.told[back]["value"] != answer_of("v1", row):
        raise play.fails(
            back, f"It answered {play.told[back]['value']!r}", "the answer of v1", "the key"
        )


def test_a_swap_in_mid_flight_leaves_nothing_stale(project, rng):
    """An answer that was under way during a swap is not remembered"""
    play, row = Play(project), draw_row(rng)
    play.do("plan", "v2", said="planned that the model becomes v2 during the next prediction")
    play.ask(row)
    after = play.ask(row, said="asked again, now that the model is v2")
    play.do("swap", "v1", said="given v1 back")
    back = play.ask(row, said="asked again")
    rows = [draw_row(rng) for _ in range(3)]
    play.do("plan", "v2", said="planned that the model becomes v2 during the next prediction")
    many = play.do("ask_many", rows, said="asked about three customers at once")
    last = play.do("ask_many", rows, said="asked about the same three again")
    play.run()
    look = "the version before and after the prediction: when they differ, nobody knows whose answer it is"
    play.must(after, answer_of("v2", row), hit=False, look=look)
    play.must(back, answer_of("v1", row), hit=False, look=look)
    for step in (many, last):
        if play.told[step]["value"] != [answer_of("v2", r) for r in rows]:
            raise play.fails(
                step,
                "The list is not what v2 says of the three",
                "three answers of v2, the model after the swap",
                "predict_probabilities when the version changed meanwhile: ask again",
            )


def test_a_list_asks_once_for_the_rest(project, rng):
    """A list is answered in its order; the held predictor is asked once, for what is not remembered"""
    play = Play(project, capacity=20)
    rows = [draw_row(rng) for _ in range(6)]
    known = rng.sample(range(6), 3)
    for place in known:
        play.ask(rows[place])
    many = play.do("ask_many", rows, said="asked about six customers at once, three of them known")
    again = play.do("ask_many", rows, said="asked about all six again")
    none = play.do("ask_many", [], said="asked about nobody")
    play.run()
    told, expected = play.told[many], [answer_of("v1", row) for row in rows]
    missing = [row for place, row in enumerate(rows) if place not in known]
    if told["value"] != expected:
        raise play.fails(many, f"The answers were {told['value']}", f"{expected}", "their order")
    if len(told["calls"]) != 1 or sorted(told["calls"][0]) != sorted(missing):
        asked = [len(call) for call in told["calls"]]
        raise play.fails(
            many,
            f"The held predictor was asked {len(asked)} times, about {asked} customers",
            "one call, about the three that are not remembered",
            "predict_probabilities: find what is missing first, then ask for all of that at once",
        )
    if sorted(told["counts"]) != ["hit"] * 3 + ["miss"] * 3:
        raise play.fails(
            many,
            f"`count` was called with {told['counts']}",
            "three hits and three misses",
            "counting in predict_probabilities: once for each customer",
        )
    if play.told[again]["value"] != expected or play.told[again]["calls"]:
        raise play.fails(
            again,
            "The held predictor was asked again",
            "six remembered answers",
            "what predict_probabilities keeps of the answers it was given",
        )
    if play.told[none]["value"] != []:
        raise play.fails(none, f"It answered {play.told[none]['value']!r}", "[]", "an empty list")


def test_a_failure_is_not_remembered(project, rng):
    """What the held predictor raises is raised, and the next one asks again"""
    play, row = Play(project), draw_row(rng)
    play.do("plan", "fail", said="planned that the next prediction fails")
    failed = play.ask(row)
    then = play.ask(row, said="asked again")
    play.run()
    if play.told[failed]["value"] != "raised the held predictor failed":
        raise play.fails(
            failed,
            f"It answered {play.told[failed]['value']!r}",
            "the exception, as it was raised",
            "what is caught: a cache has nothing to say about a failure",
        )
    play.must(then, answer_of("v1", row), hit=False, look="what is kept when a prediction raises")


def test_nobody_waits_for_another(project, rng):
    """A remembered answer comes while the held predictor is busy with another customer"""
    known, slow = draw_row(rng), draw_row(rng)
    said = "predict_probability(known) while another thread waits for a prediction"
    answer = project.probe(PROBE, "hit_while_another_waits", known, slow, said=said)
    if answer.value is not True:
        raise answer.fails(
            "The remembered answer did not come until the other prediction was done",
            "it comes at once",
            "what the lock is held for: the look and the note take microseconds, a prediction does not",
        )


def test_threads_may_share_it(project, rng):
    """Eight threads with little room get right answers, each counted"""
    rows, rounds = [draw_row(rng) for _ in range(12)], 300
    said = f"8 threads x {rounds} x predict_probability, capacity=5"
    answer = project.probe(PROBE, "many_threads", rows, rounds, 5, said=said)
    told = answer.value
    if told["errors"] or told["wrong"]:
        got = (
            f"One raised {told['errors'][0]}" if told["errors"] else "One got another row's answer"
        )
        raise answer.fails(
            got,
            "right answers and no error",
            "what another thread may do between two steps: a look and what follows from it need one lock",
        )
    if told["counts"] != 8 * rounds:
        raise answer.fails(
            f"`count` was called {told['counts']} times",
            f"{8 * rounds} times",
            "every path counts once",
        )


def test_nonsense_is_refused(project):
    """A capacity below 1 or a time to live that is not positive raises ValueError, nothing else does"""
    for capacity, ttl in ((0, 60.0), (-1, 60.0), (3, 0.0), (3, -1.0), (3, float("nan"))):
        said = f"CachedPredictor(held, capacity={capacity}, ttl_seconds={ttl}, ...)"
        answer = project.probe(PROBE, "make", capacity, ttl, said=said)
        answer.raises("ValueError", look="`__init__`; NaN is not above 0, and not below it either")
    for capacity, ttl in ((1, 60.0), (3, 0.001)):
        said = f"CachedPredictor(held, capacity={capacity}, ttl_seconds={ttl}, ...)"
        answer = project.probe(PROBE, "make", capacity, ttl, said=said)
        look = "`__init__`: room for one answer is room, and a thousandth of a second is time"
        answer.equals("a cache", look=look, as_text="a cache")
