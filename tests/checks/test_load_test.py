"""What load_tests/locustfile.py must do: real Locust runs it against services that note every request.

Four runs at the same time: against a healthy service, one that answers 200 with wrong bodies, one that
is slow at every 50th prediction and has right bodies under other statuses, and one that gets slower with
each prediction.
"""

import itertools
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from workbench.boundary.outcomes import (
    EnvironmentProblem,
    LearnerError,
    LearnerTimeout,
    NotStarted,
    mismatch,
)
from workbench.instruments.http.stand_ins import (
    NUMBERS,
    OTHER_STATUS,
    PREDICT,
    READY,
    REFUSED,
    WRONG_BODIES,
    faults,
    healthy,
    kind_of,
    other_statuses,
    slowed,
    wrong_bodies,
)
from workbench.instruments.locust.load_runs import run_constant_users, run_locust

FILE = "load_tests/locustfile.py"
TENTHS = {PREDICT: 8, REFUSED: 1, READY: 1}
CHANCE = 5  # standard deviations that a share may be off: once in 100,000 runs by chance
USERS, SECONDS = 32, 3
SECONDS_WHEN_BUSY = 12  # where the machine has other work, and three seconds show too little
FEWEST_REQUESTS = 100
SHORTEST_PAUSE = 0.09  # 0.1, but for the grain of the clock
LONGEST_PAUSE = 0.5
TOO_LONG = 1.2  # times as long as the longest allowed, for three in four pauses
SLOW_SECONDS, LEAK_SECONDS = 1.0, 0.05
IN_FLIGHT = 4  # so many may go uncounted when Locust stops
ROUNDING = 0.9  # Locust keeps two digits of a response time
DID = f"The check ran Locust on {FILE}, {USERS} users for {SECONDS} seconds or more"
_runs = {}


def run(project, rng, label: str = "healthy"):
    """One of the four runs, all of which the first call makes. Fails when there is nothing to judge."""
    if project not in _runs:
        services = {
            "healthy": lambda: healthy,
            "wrong": lambda: wrong_bodies(rng),
            "slow": lambda: slowed(lambda n: 0.0 if n % 50 else SLOW_SECONDS, other_statuses(rng)),
            "leaking": lambda: slowed(lambda n: n * LEAK_SECONDS),
        }

        def load(name, seconds=SECONDS):
            answer = services[name]()
            return run_locust(project.folder, FILE, answer, users=USERS, seconds=seconds)

        with ThreadPoolExecutor(len(services)) as pool:
            made = dict(zip(services, pool.map(load, services), strict=True))
        for name in ("healthy", "wrong"):
            if is_starved(made[name]):
                made[name] = load(name, SECONDS_WHEN_BUSY)
        _runs[project] = made
    require_requests(_runs[project]["healthy"])
    return _runs[project][label]


def is_starved(made) -> bool:
    """Whether users who do not think for long asked little all the same: a busy machine, not the file."""
    return 0 < len(made.received) < FEWEST_REQUESTS and middle_of(made.pauses()) <= 1


def middle_of(pauses: list[float]) -> float:
    """The median; infinite when nobody asked twice."""
    return pauses[len(pauses) // 2] if pauses else math.inf


def require_requests(made) -> None:
    """Fails unless Locust ran the file to its end and asked something."""
    if made.finished.status is None:
        got = "Locust had not ended a minute later and was stopped"
        raise LearnerTimeout(DID, got, "it ends by itself", "a loop without an end in a task")
    line, code = made.raised_at(FILE)
    if code.startswith("raise NotImplementedError"):
        raise NotStarted(
            f"{FILE}, line {line}, still holds the placeholder `{code}`",
            look="replace that line with your answer",
        )
    if not made.statistics or not made.received:
        raise LearnerError(
            DID,
            f"{len(made.received)} requests came, none was counted; Locust said: {made.said()}",
            "requests made with `self.client`, counted by Locust",
            f"line {line} of {FILE}: `{code}`"
            if line
            else "the user class: what makes its requests, its tasks, its wait_time",
        )


def test_locust_runs_it(project, rng):
    """Locust runs the file, and no task raises"""
    made = run(project, rng)
    if made.raised:
        line, code = made.raised_at(FILE)
        raise LearnerError(
            f"{DID} against a healthy service",
            f"A task raised: {made.raised[0]['Message'][:200]}",
            "tasks that judge any answer and raise nothing",
            f"line {line} of {FILE}: `{code}`" if line else "what the tasks call",
        )


def test_a_user_thinks_between_requests(project, rng):
    """A user thinks for 0.1 to 0.5 seconds between an answer and the next request"""
    made = run(project, rng)
    pauses = made.pauses()
    if len(made.received) > 2 * len(pauses) + USERS:
        raise mismatch(
            DID,
            got=f"{len(made.received)} requests came, and only {len(pauses)} over a connection in use",
            expected="users that keep their connection, as `self.client` does",
            look="whether each request makes a session or a client of its own",
        )
    # on a busy machine users that never think wait for their turn in Locust; not where answers are rare
    for label in ("healthy", "leaking"):
        pauses = run(project, rng, label).pauses()
        middle, early = (pauses[len(pauses) // n] if pauses else math.inf for n in (2, 20))
        if early < SHORTEST_PAUSE:
            raise mismatch(
                DID,
                got=f"Half of the pauses before a request were shorter than {middle * 1000:.0f} ms, "
                f"one in twenty shorter than {early * 1000:.0f} ms",
                expected="at least 100 ms between an answer and the next request of the same user",
                look="wait_time: without one, a user is a loop, and no customer clicks like that",
            )
    require_enough(made)
    require_brisk(project, made)


def require_brisk(project, made) -> None:
    """Fails when a quarter of the pauses are longer than of users who think for as long as they may."""
    if upper_quarter(made) <= TOO_LONG * LONGEST_PAUSE:
        return
    # a busy machine makes pauses longer: so both again, beside each other
    how = {"users": USERS, "seconds": SECONDS}
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(run_locust, project.folder, FILE, healthy, **how)
        allowed = pool.submit(run_constant_users, project.folder, LONGEST_PAUSE, healthy, **how)
    found, most = upper_quarter(asked.result()), upper_quarter(allowed.result())
    if math.isinf(most):
        got = "Locust asked nothing for users of the check's own"
        raise EnvironmentProblem(
            DID, got, "requests in three seconds", "what else the machine does"
        )
    if found > TOO_LONG * most:
        raise mismatch(
            DID,
            got=f"A quarter of the pauses before a request were {found:.1f} s or longer",
            expected="at most 0.5 seconds between an answer and the next request of the same user",
            look="wait_time, and any sleep in a task, which comes on top",
        )


def upper_quarter(made) -> float:
    """The pause that a quarter of them reach; infinite when nobody asked twice."""
    pauses = made.pauses()
    return pauses[3 * len(pauses) // 4] if pauses else math.inf


def require_enough(made) -> None:
    """Fails when the users asked so seldom that chance decides what they are seen to do."""
    if len(made.received) >= FEWEST_REQUESTS:
        return
    pauses = made.pauses()
    middle = middle_of(pauses)
    if is_starved(made):
        got = f"This machine managed {len(made.received)} requests, too few to judge"
        raise EnvironmentProblem(DID, got, f"{FEWEST_REQUESTS} or more", "what else it is doing")
    seen = f"half of the pauses were {middle:.1f} s or more" if pauses else "nobody asked twice"
    raise mismatch(
        DID,
        got=f"Only {len(made.received)} requests came; {seen}",
        expected="at most 0.5 seconds between an answer and the next request of the same user",
        look="wait_time, and any sleep in a task: the unit is seconds",
    )


def test_the_mix_is_as_asked(project, rng):
    """The users ask what they should, in the shares of the table"""
    made = run(project, rng)
    names = Counter(map(kind_of, made.received))
    if names[None]:
        odd = next(request for request in made.received if kind_of(request) is None)
        raise mismatch(
            DID,
            got=f"{names[None]} requests were none of the three, one of them "
            f"`{odd.method} {odd.path[:80]}` with the body `{odd.body[:120].decode('utf-8', 'replace')}`",
            expected="POST /predict with a JSON body, and GET /ready, nothing else",
            look="the paths, and `json=` or the Content-Type of the body",
        )
    asked = [
        kind_of(r) for of in ("healthy", "wrong", "slow") for r in run(project, rng, of).received
    ]
    for name, tenths in TENTHS.items():
        share, expected = asked.count(name) / len(asked), tenths / 10
        if abs(share - expected) > CHANCE * math.sqrt(expected * (1 - expected) / len(asked)):
            what = {PREDICT: "asked about a valid customer", REFUSED: "about a wrong one"}
            raise mismatch(
                DID,
                got=f"Of {len(asked)} requests, {share:.0%} {what.get(name, 'asked GET /ready')}",
                expected=f"about {tenths} in 10",
                look="the weights of the tasks, `@task(8)`; and what the bodies hold: a customer "
                "counts as valid when all five fields are inside the limits",
            )


def test_customers_vary(project, rng):
    """Hardly any customer is asked about twice, and all numbers vary"""
    require_enough(run(project, rng))
    asked = [r.json() for r in run(project, rng).received if kind_of(r) == PREDICT]
    ids = Counter(customer["customer_id"] for customer in asked)
    if len(ids) < 0.95 * len(asked):
        name, times = ids.most_common(1)[0]
        raise mismatch(
            DID,
            got=f"{len(asked)} predictions were asked for, about {len(ids)} customers; "
            f"{name[:40]!r} came {times} times",
            expected="hardly any customer twice",
            look="where the customer is drawn (once, or at each request), from how many, and whether "
            "every user starts with the same random numbers",
        )
    for field in NUMBERS:
        values = {customer[field] for customer in asked}
        if len(values) < 5:
            raise mismatch(
                DID,
                got=f"In {len(asked)} customers, {field} had {len(values)} values: {sorted(values)}",
                expected="a number that varies from customer to customer",
                look=f"how draw_customer chooses {field}",
            )


def test_wrong_customers_vary(project, rng):
    """The wrong customers do not all have the same fault"""
    require_enough(run(project, rng))
    wrong = [r.json() for r in run(project, rng).received if kind_of(r) == REFUSED]
    if any(faults(customer) == ["body"] for customer in wrong):
        raise mismatch(
            DID,
            got="A wrong customer was no JSON object with the five fields",
            expected="the five fields, at least one of them with a value to refuse",
            look="how the wrong customers are made: start from a valid one and change a value",
        )
    kinds = {(f, type(c[f]).__name__) for c in wrong for f in faults(c)}
    if len(kinds) < 2:
        field, kind = min(kinds, default=("no field", "nothing"))
        raise mismatch(
            DID,
            got=f"All {len(wrong)} wrong customers had the same fault: {field}, given as {kind}",
            expected="different faults",
            look="how the fault is chosen: at each request, from several",
        )


def test_names_are_grouped(project, rng):
    """Locust counts every request, under the three names of the table"""
    made = run(project, rng)
    for name in made.statistics:
        if name not in TENTHS:
            raise mismatch(
                DID,
                got=f"Locust's statistics have {len(made.statistics)} names; one is {name[:80]!r}",
                expected=f"three names: {PREDICT}, {REFUSED}, {READY}",
                look="`name=` of each request; a name that holds an id makes a line per customer",
            )
    sent = Counter(map(kind_of, made.received))
    for name in TENTHS:
        if abs(sent[name] - made.requests(name)) > IN_FLIGHT:
            raise mismatch(
                DID,
                got=f"The service got {sent[name]} requests of the kind {name!r}; Locust counted "
                f"{made.requests(name)} under that name",
                expected="the same number",
                look="which request gets which name",
            )


def test_a_healthy_service_has_no_failures(project, rng):
    """Against a healthy service nothing counts as a failure, refusals included"""
    made = run(project, rng)
    if made.failures:
        first = made.failures[0]
        times = sum(int(row["Occurrences"]) for row in made.failures)
        raise mismatch(
            f"{DID} against a healthy service",
            got=f"Locust counted {times} failures, the first kind: {first['Name']}, {first['Error'][:200]}",
            expected="no failure: right predictions, and a 422 for each wrong customer",
            look="`response.success()` for a refusal that was asked for; what problem_with calls wrong",
        )


def test_wrong_bodies_are_failures(project, rng):
    """A wrong body is a failure, although its status is 200"""
    made = run(project, rng, "wrong")
    require_enough(made)
    did = f"{DID} against a service that answers 200 with wrong bodies"
    sent = Counter(r.answer.kind for r in made.received if kind_of(r) == PREDICT)
    if made.raised:
        lost = sum(sent.values()) - made.requests(PREDICT)
        raise mismatch(
            did,
            got=f"A task raised {made.raised[0]['Message'][:200]}; {lost} requests are missing "
            "from Locust's statistics, as if they had never been made",
            expected="each of them counted as a failure",
            look="what reads the body: it may be any text, and any JSON",
        )
    failed = made.failed(PREDICT)
    sets = [
        s for n in range(len(WRONG_BODIES) + 1) for s in itertools.combinations(WRONG_BODIES, n)
    ]
    caught = min(sets, key=lambda kinds: abs(sum(sent[kind] for kind in kinds) - failed))
    if missed := [kind for kind in WRONG_BODIES if kind not in caught]:
        wrong = sum(sent[kind] for kind in WRONG_BODIES)
        raise mismatch(
            did,
            got=f"{wrong} predictions were wrong, Locust counted {failed} failures. The numbers fit "
            f"when these went through: {'; '.join(missed)}",
            expected="a failure for each wrong body",
            look="problem_with, and whether its word reaches `response.failure(...)`",
        )


def test_other_statuses_are_failures(project, rng):
    """A wrong customer that is accepted is a failure, and a service that is not ready"""
    made = run(project, rng, "wrong")
    for name, kind, told in (
        (REFUSED, "accepted", "a service that answers 200 to every second wrong customer"),
        (READY, "not ready", "a service that answers 503 to every second GET /ready"),
    ):
        sent = sum(r.answer.kind == kind for r in made.received)
        failed = made.failed(name)
        if abs(sent - failed) > IN_FLIGHT:
            raise mismatch(
                f"{DID} against {told}",
                got=f"That was {sent} times; under {name!r} Locust counted {failed} failures",
                expected="a failure each time, and only then",
                look=f"which statuses the task of {name!r} takes for a success",
            )


def test_a_right_body_needs_its_status(project, rng):
    """A right body under another status is a failure"""
    made = run(project, rng, "slow")
    for name in TENTHS:
        others = others_of(made, name)
        if others and made.failed(name) < len(others) - IN_FLIGHT:
            raise mismatch(
                f"{DID} against a service that answers some {name} with a right body and the status "
                f"{others[0].answer.status}",
                got=f"That was {len(others)} times; Locust counted {made.failed(name)} failures of {name!r}",
                expected=f"status {422 if name == REFUSED else 200}, and a failure for every other",
                look="Locust itself takes a status for a failure from 400 on only; the exact status "
                "is for your code to compare",
            )


def others_of(made, name: str) -> list:
    """The requests of that kind that were answered with a right body and another status."""
    return [r for r in made.received if kind_of(r) == name and r.answer.kind == OTHER_STATUS]


def require_exposed(made, did: str) -> None:
    """The slowest answers must be in Locust's statistics, as response times or as failures."""
    delays = sorted(r.answer.delay_seconds for r in made.received if kind_of(r) == PREDICT)
    seen = made.response_seconds(PREDICT)
    slowest, slow = delays[-1], delays[int(0.985 * len(delays))]
    shown = seen[-1] if seen else 0.0
    rank = min(len(seen) - 1, int(0.99 * len(seen)))
    if made.failed(PREDICT) > len(others_of(made, PREDICT)) or (
        shown >= ROUNDING * slowest and seen[rank] >= ROUNDING * slow
    ):
        return
    raise mismatch(
        did,
        got=f"The service took up to {slowest:.2f} s; in Locust's statistics the longest response time of "
        f"{PREDICT} was {shown:.2f} s, and no slow one failed",
        expected="the slow answers in the statistics, as long as they took",
        look="timeouts, and what is done with an answer that never came (its status_code is 0)",
    )


def test_rare_slow_answers_show(project, rng):
    """A service that is slow at every 50th prediction is exposed"""
    made = run(project, rng, "slow")
    require_exposed(made, f"{DID} against a service that takes a second for every 50th prediction")


def test_growing_latency_shows(project, rng):
    """A service that gets slower with every prediction is exposed"""
    made = run(project, rng, "leaking")
    require_exposed(made, f"{DID} against a service that takes 50 ms longer with each prediction")
