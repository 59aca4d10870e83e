"""What `features.sql` must return: on small logs by the rule, on random ones as the handover does."""

from datetime import datetime, timedelta
from pathlib import Path

from workbench.boundary.expect import same

PROBE = Path(__file__).parent / "probes" / "features.py"
COLUMNS = {
    "customer_id": ["VARCHAR"],
    "days_since_last_order": ["BIGINT", "INTEGER"],
    "total_orders": ["BIGINT", "INTEGER"],
    "lifetime_value": ["DOUBLE"],
    "email_open_rate": ["DOUBLE"],
}
FEATURES = list(COLUMNS)[1:]
TOLERANCE = 1e-6
CUTOFF = datetime(2026, 3, 1)


class Log:
    """Orders and emails by a moment relative to the cut-off, as the probe takes them."""

    def __init__(self, cutoff: datetime = CUTOFF):
        self.cutoff = cutoff
        self.orders: list[list] = []
        self.emails: list[list] = []

    def order(self, customer: str, amount: float = 10.0, **before) -> "Log":
        self.orders.append([customer, str(self.cutoff - timedelta(**before)), amount])
        return self

    def email(self, customer: str, opened: bool, **before) -> "Log":
        self.emails.append([customer, str(self.cutoff - timedelta(**before)), opened])
        return self

    def rows(self) -> dict:
        return {"orders": self.orders, "emails": self.emails}


def features(project, log: Log, what: str) -> tuple:
    """The Answer for one log, and the rows by customer; fails when a customer has two."""
    said = f"features.sql, $cutoff = {log.cutoff}, {what}"
    answer = project.probe(PROBE, "run_query", [log.rows()], str(log.cutoff), said=said)
    if answer.error:
        raise answer.fails(
            f"DuckDB raised {answer.error['type']}: {answer.error['message']}",
            "rows",
            "the line that DuckDB points at; types and names of the tables are in the file's header",
        )
    table = answer.value[0]
    names = [name for name, _ in table["columns"]]
    if names != list(COLUMNS):
        raise answer.fails(
            f"The columns were {', '.join(names)}",
            ", ".join(COLUMNS),
            "the names and their order in the outermost SELECT: `AS` names a column",
        )
    customers = [row[0] for row in table["rows"]]
    twice = sorted({c for c in customers if customers.count(c) > 1}, key=repr)
    if twice:
        raise answer.fails(
            f"{len(customers)} rows came back, {twice[0]!r} in {customers.count(twice[0])} of them",
            "one row per customer",
            "what is grouped: a second column under GROUP BY, or a join after it, splits a customer",
        )
    return answer, {row[0]: dict(zip(FEATURES, row[1:], strict=True)) for row in table["rows"]}


def has(answer, rows: dict, customer: str, feature: str, expected: float, look: str) -> None:
    if customer not in rows:
        raise answer.fails(
            f"There was no row for {customer}",
            f"a row for {customer}, {feature} = {expected}",
            f"what leaves {customer} out: a WHERE or an inner join",
        )
    got = rows[customer][feature]
    if type(got) not in (int, float) or abs(got - expected) > TOLERANCE:
        raise answer.fails(f"{feature} of {customer} was {got}", f"{expected}", look)


def test_the_file_holds_one_query_with_a_cutoff(project):
    """The file is one SELECT with the parameter $cutoff"""
    answer = project.probe(PROBE, "describe_query", said="duckdb.extract_statements(features.sql)")
    if answer.error:
        raise answer.fails(
            f"DuckDB raised {answer.error['type']}: {answer.error['message']}",
            "one query that parses",
            "the place in the message; a WITH clause ends without a comma before the SELECT",
        )
    kinds, parameters = answer.value["kinds"], answer.value["parameters"]
    if kinds != ["SELECT"]:
        raise answer.fails(
            f"It found {len(kinds)} statements: {', '.join(kinds) or 'none'}",
            "one SELECT (a WITH clause may come before it)",
            "semicolons in the file; an intermediate table becomes a WITH clause",
        )
    if parameters != ["cutoff"]:
        raise answer.fails(
            f"Its parameters were {', '.join(parameters) or 'none'}",
            "$cutoff, and no other",
            "a date written into the query: it would be right on one day only",
        )


def test_the_columns_have_their_names_and_types(project):
    """The five columns have the names, order and types of the header"""
    log = Log().order("C1", 12.5, days=3).email("C1", True, days=2)
    answer, _ = features(project, log, "one order and one email")
    for name, kind in answer.value[0]["columns"]:
        if kind not in COLUMNS[name]:
            raise answer.fails(
                f"{name} was {kind}",
                f"{name} as {' or '.join(COLUMNS[name])}",
                "what the expression returns: sum() of integers is a HUGEINT, floor() a DOUBLE, a "
                "difference of two timestamps an INTERVAL; `::` converts",
            )


def test_every_customer_who_ordered_before_has_a_row(project, rng):
    """One row for each customer with an order before the cut-off, and for nobody else"""
    log = Log().order("silent", days=rng.randint(2, 90))
    log.order("reader", days=rng.randint(2, 90)).email("reader", True, days=1)
    log.email("never ordered", True, days=rng.randint(1, 50))
    log.order("too late", days=-rng.randint(1, 50)).email("too late", False, days=5)
    answer, rows = features(project, log, "customers with and without orders and emails")
    looks = {
        "silent": "the kind of join: this customer has orders and never got an email",
        "reader": "the WHERE clauses: this customer has an order and an email before the cut-off",
        "never ordered": "where the customers come from: this one has emails and no order",
        "too late": "orders after the cut-off: they make nobody a customer",
    }
    for customer, look in looks.items():
        wanted = customer in ("silent", "reader")
        if wanted != (customer in rows):
            raise answer.fails(
                f"The customers were {', '.join(map(str, rows))}", "silent and reader", look
            )


def test_emails_do_not_multiply_orders(project, rng):
    """A customer with several orders and several emails is counted once per order"""
    log, orders, emails = Log(), rng.randint(2, 4), rng.randint(2, 5)
    for number in range(orders):
        log.order("C1", 20.25, days=10 + number)
    for number in range(emails):
        log.email("C1", number == 0, days=5 + number)
    log.order("twin", 8.0, days=7).order("twin", 8.0, days=7).email("twin", False, days=1)
    answer, rows = features(project, log, f"{orders} orders and {emails} emails of C1")
    fan_out = (
        f"the join: row by row, each of the {orders} orders meets each of the {emails} emails. "
        "Bring each table to one row per customer before they meet"
    )
    alike = "DISTINCT: two rows that are alike, same moment and same amount, are two orders"
    has(answer, rows, "C1", "total_orders", orders, fan_out)
    has(answer, rows, "twin", "total_orders", 2, alike)
    has(answer, rows, "C1", "lifetime_value", 20.25 * orders, f"{fan_out}; or {alike}")
    has(answer, rows, "twin", "lifetime_value", 16.0, alike)


def test_the_sum_is_rounded_to_the_penny(project):
    """lifetime_value is rounded once, after adding"""
    log = Log()
    for days in (1, 2, 3):
        log.order("C1", 10.004, days=days).order("C2", 0.333, days=days)
    answer, rows = features(project, log, "three orders of 10.004 GBP by C1, of 0.333 by C2")
    look = "round(sum(...), 2), the sum first: rounding each order loses parts of pennies"
    has(answer, rows, "C1", "lifetime_value", 30.01, look)
    has(answer, rows, "C2", "lifetime_value", 1.0, look)


def test_the_open_rate_is_zero_without_emails(project, rng):
    """email_open_rate is 0 when no email was sent before the cut-off"""
    log = Log().order("none", days=9).order("later only", days=9).order("some", days=9)
    log.email("later only", True, days=-rng.randint(1, 9))
    sent, opened = rng.randint(3, 9), rng.randint(1, 2)
    for number in range(sent):
        log.email("some", number < opened, days=1 + number)
    unread = log.order("unread", days=9).email("unread", False, days=1)
    answer, rows = features(project, unread, "customers with no, later, and some emails")
    has(answer, rows, "none", "email_open_rate", 0.0, "NULL: what a customer without emails gets")
    later = "the emails' own times: an email after the cut-off was not yet sent"
    has(answer, rows, "later only", "email_open_rate", 0.0, later)
    ratio = "integers: the share of `true` among all that were sent, not a whole number"
    has(answer, rows, "some", "email_open_rate", opened / sent, ratio)
    has(answer, rows, "unread", "email_open_rate", 0.0, ratio)
    for empty, orders in ((Log().order("C1", days=1), 1), (Log(), 0)):
        answer, rows = features(project, empty, f"{orders} orders and no emails at all")
        if len(rows) != orders:
            raise answer.fails(
                f"{len(rows)} rows came back", f"{orders}", "the join, when emails is empty"
            )


def test_the_cutoff_itself_is_not_before(project, rng):
    """An order or an email exactly at the cut-off does not count; a microsecond before, it does"""
    log = Log().order("just before", microseconds=1).order("early", 5.0, days=2)
    log.order("early", 90.0, days=0).email("early", True, days=1).email("early", False, days=0)
    log.order("on time", days=0)
    answer, rows = features(project, log, "orders and an email exactly at the cut-off")
    look = "'strictly before the cut-off' leaves the cut-off itself out: `<` or `<=`?"
    if "on time" in rows:
        raise answer.fails("There was a row for 'on time'", "no row: the order is too late", look)
    has(answer, rows, "early", "total_orders", 1, look)
    has(answer, rows, "early", "email_open_rate", 1.0, f"the emails: {look}")
    has(answer, rows, "just before", "total_orders", 1, "precision: times are in microseconds")


def test_days_are_elapsed_days(project, rng):
    """days_since_last_order counts whole days of 24 hours, rounded down"""
    hours, whole = rng.randint(1, 23), rng.randint(1, 90)
    log = Log().order("yesterday evening", hours=hours).order("midnight", days=whole)
    log.order("a moment less", days=whole, microseconds=-1)
    log.order("a moment more", days=whole, microseconds=1).order("a moment more", days=whole + 9)
    answer, rows = features(project, log, "orders around whole days")
    look = (
        "what is counted: midnights (`date_diff`) or days that have passed; and which is the last"
    )
    has(answer, rows, "yesterday evening", "days_since_last_order", 0, look)
    has(answer, rows, "midnight", "days_since_last_order", whole, look)
    has(answer, rows, "a moment less", "days_since_last_order", whole - 1, look)
    has(answer, rows, "a moment more", "days_since_last_order", whole, look)
    for cutoff in (datetime(2026, 3, 30, 12), datetime(2025, 10, 27, 12)):  # clocks changed between
        log = Log(cutoff).order("C1", days=2).order("C2", days=2, minutes=-1)
        answer, rows = features(
            project, log, "orders 48 hours and 47:59 before, over a clock change"
        )
        zone = "time zones: the times have none, and TIMESTAMPTZ gives them the session's"
        has(answer, rows, "C1", "days_since_last_order", 2, zone)
        has(answer, rows, "C2", "days_since_last_order", 1, zone)


def draw_log(rng, cutoff: datetime) -> Log:
    """Random customers, moments on both sides of the cut-off, some at midnight or at the same time."""
    log, customers = Log(cutoff), [f"C{number}" for number in range(rng.randint(1, 25))]
    moments = [{"seconds": rng.randint(-5_000_000, 40_000_000)} for _ in range(60)]
    moments += [{"days": rng.randint(-20, 400)} for _ in range(20)]
    moments += [{"microseconds": rng.randint(-2, 2)} for _ in range(6)]
    for _ in range(rng.randint(1, 120)):
        log.order(rng.choice(customers), rng.randint(1, 30_000) / 100, **rng.choice(moments))
    for _ in range(rng.choice([0, 40, 150])):
        log.email(rng.choice([*customers, "reader"]), rng.random() < 0.4, **rng.choice(moments))
    return log


def at_the_edges(log: Log) -> Log:
    """The log with what chance alone brings too seldom: the cut-off itself, whole days of all seasons."""
    log.order("late", days=1).order("late", 5.0, days=0)
    log.email("late", True, days=1).email("late", False, days=0)
    for days in range(7, 365, 14):
        log.order(f"{days} days", days=days).order(f"almost {days}", days=days, minutes=-1)
    return log


def test_later_rows_change_nothing(project, rng):
    """Adding orders and emails from after the cut-off changes nothing: no leakage"""
    log = draw_log(rng, CUTOFF)
    log.order("C0", days=1)
    _, before = features(project, log, "a random log")
    for customer in ["C0", "new", *sorted({row[0] for row in log.orders})]:
        log.order(customer, 500.0, days=-rng.randint(1, 200)).email(customer, True, days=-3)
    answer, after = features(project, log, "the same log with later orders and emails")
    for customer in sorted(before.keys() | after.keys()):
        old, new = before.get(customer), after.get(customer)
        if same(new, old, TOLERANCE):
            continue
        raise answer.fails(
            f"{customer} changed from {old or 'no row'} to {new or 'no row'}",
            "the same rows as without them",
            "every place that reads a table: each needs its own condition on $cutoff",
        )


def test_it_equals_the_handover(project, reference, rng):
    """On random logs the query returns what the data scientist's pandas returns"""
    cutoff = CUTOFF + timedelta(days=rng.randint(-300, 300), seconds=rng.choice([0, 45_296]))
    logs = [at_the_edges(draw_log(rng, cutoff)).rows()]
    logs += [draw_log(rng, cutoff).rows() for _ in range(5)]
    said = f"features.sql, $cutoff = {cutoff}, on a random log"
    expected = reference.probe(PROBE, "handover_features", logs, str(cutoff), said="features_at")
    answer = project.probe(PROBE, "run_query", logs, str(cutoff), said=said)
    for table, wanted in zip(answer.value, expected.value, strict=True):
        rows = {row[0]: row[1:] for row in table["rows"]}
        asked_for = {row[0] for row in wanted}
        counted = len(table["rows"]), len(rows), len(rows.keys() - asked_for)
        if counted != (len(wanted), len(wanted), 0):
            raise answer.fails(
                "{} rows came back, of {} customers, {} of them not asked for".format(*counted),
                f"one row for each of the {len(wanted)} who ordered before the cut-off",
                "the WHERE clauses and what is grouped or joined",
            )
        for customer, *values in wanted:
            for feature, got, value in zip(FEATURES, rows[customer], values, strict=True):
                if type(got) not in (int, float) or abs(got - value) > TOLERANCE:
                    raise answer.fails(
                        f"{feature} of {customer} was {got}",
                        f"{value}, as `bookstore_model.features.features_at` has it",
                        f"how {feature} is described in the file's header",
                    )
