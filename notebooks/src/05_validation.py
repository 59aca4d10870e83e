# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 05 Validation and errors
#
# **About 30 minutes, and 35 for its two exercises: `validate-customer` and `problem-responses`.**
#
# Your service answers polite requests. In this lesson it meets the others, and learns to say no: to
# everything that is no customer, with every reason at once, and without telling more than it should.
#
# ## Why this matters in production
#
# A model does not know what a customer is. It knows four numbers. Give it four numbers that mean nothing
# and it will not complain: it answers, in the same tone as always.
#
# | what the caller sends | a crash | an answer |
# |---|---|---|
# | a mistake the code stumbles over | a 500, an alert, somebody looks | |
# | a mistake the code swallows | | a number that looks right |
#
# The second row is the expensive one. Nobody looks, and the marketing team acts on the number. So let us
# build the service most people build first, start it next to the finished one, and see which of its mistakes
# are loud and which are silent. It even converts with `float(...)`, "to be safe".

# %% tags=["nbval-ignore-output"]
import json
import threading
from collections import Counter
from pathlib import Path

import joblib
import requests
from flask import Flask, request
from werkzeug.serving import WSGIRequestHandler, make_server

from workbench import check, hint, serve

artefact = Path("..") / "data" / "model"
metadata = json.loads((artefact / "metadata.json").read_text(encoding="utf-8"))
forest = joblib.load(artefact / metadata["model_file"])  # made on this machine; see lesson 03
FEATURES = metadata["feature_order"]

naive = Flask("naive")
naive.logger.disabled = True  # its stack traces would fill this page


@naive.post("/predict")
def predict():
    body = request.get_json(force=True)
    row = [float(body[name]) for name in FEATURES]
    probability = float(forest.predict_proba([row])[0, 1])
    return {"customer_id": body["customer_id"], "churn_probability": probability}


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        """Writes nothing: this page has enough to show."""


server = make_server("127.0.0.1", 0, naive, threaded=True, request_handler=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
service = serve(reference=True)
URLS = {"naive": f"http://127.0.0.1:{server.port}", "reference": service.url}

# %% [markdown]
# ## Every kind of bad request, sent to both
#
# Each body is written by hand, since `json=` would not let us send half of them.

# %%
CUSTOMER = {
    "customer_id": '"C-1042"',
    "days_since_last_order": "45",
    "total_orders": "12",
    "lifetime_value": "380.5",
    "email_open_rate": "0.25",
}


def written(fields: dict[str, str], more: str = "") -> bytes:
    """The JSON object with these fields, each value given as JSON text."""
    return ("{" + ", ".join(f'"{n}": {v}' for n, v in fields.items()) + more + "}").encode()


def post(who: str, body: bytes, kind: str = "application/json") -> requests.Response:
    headers = {"Content-Type": kind}
    return requests.post(f"{URLS[who]}/predict", data=body, headers=headers, timeout=10)


BODIES = {"nothing": written(CUSTOMER)}
for what, text in {
    "a number as text": '"45"',
    "a boolean": "true",
    "null": "null",
    "a list": "[45]",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "1e999": "1e999",
    "negative": "-45",
    "a 400-digit integer": "4" * 400,
}.items():
    BODIES[what] = written(CUSTOMER | {"days_since_last_order": text})
BODIES |= {
    "a percentage for a share": written(CUSTOMER | {"email_open_rate": "25"}),
    "a number as the id": written(CUSTOMER | {"customer_id": "1042"}),
    "a field twice": written(CUSTOMER, ', "days_since_last_order": 450'),
    "a field nobody knows": written(CUSTOMER, ', "shoe_size": 42'),
    "a field missing": written({n: v for n, v in CUSTOMER.items() if n != "total_orders"}),
    "a list, no object": b"[" + written(CUSTOMER) + b"]",
    "cut off": written(CUSTOMER)[:-1],
    "not UTF-8": written(CUSTOMER).replace(b"C-", b"\xff"),
    "nested 16,000 deep": b"[" * 16_000,
}
print(f"{'what is wrong':26}{'naive':>7}{'reference':>11}  the fields it names")
for what, body in BODIES.items():
    answers = {who: post(who, body) for who in URLS}
    errors = answers["reference"].json().get("errors", [])
    statuses = f"{answers['naive'].status_code:>7}{answers['reference'].status_code:>11}"
    print(f"{what:26}{statuses}  {', '.join(error['field'] for error in errors)}")

# %% [markdown]
# Read the naive column twice.
#
# - **500** says "my fault" for what is the caller's fault. It wakes somebody, and the caller is told
#   nothing that would help.
# - **200** is worse. A number as text, a boolean, NaN, a negative silence, a percentage: each got a
#   confident answer.
#
# How confident? The next cell asks the naive service about nonsense, and about the nearest customer that
# makes sense.


# %%
def naive_probability(**changed: str) -> float:
    return post("naive", written(CUSTOMER | changed)).json()["churn_probability"]


edge = naive_probability(email_open_rate="1.0")
print(
    "a share of 25 is answered like a share of 1:", naive_probability(email_open_rate="25") == edge
)
edge = naive_probability(days_since_last_order="0")
past = naive_probability(days_since_last_order="-45")
print("an order in the future is answered like one today:", past == edge)

# %% [markdown]
# A forest compares each number with thresholds it learned. Beyond the last threshold everything looks the
# same to it. It cannot say "I have never seen this", so something in front of it must.
#
# ## The idea: parse at the edge, trust inside
#
# One function stands between the bytes and the model. It takes bytes and returns a `Customer`, or raises
# `InvalidCustomer` with every reason. No other module looks at a raw dict.
#
# | question | the answer when it is no |
# |---|---|
# | are these bytes UTF-8, and JSON? | 400, one problem, of the `body` |
# | is that JSON an object? | 422, one problem, of the `body` |
# | is that object a customer? | 422, **every** problem, each with its field |
#
# The first question sounds easy. Python's `json` is more generous than you may think. The last two lines show
# the arguments that help: `object_pairs_hook` is handed an object's pairs before they become a dict, and
# `parse_int=float` reads integers of any length.

# %%
surprises = {
    "a name twice": b'{"total_orders": 1, "total_orders": 900}',
    "NaN": b'{"total_orders": NaN}',
    "1e999": b'{"total_orders": 1e999}',
    "UTF-16": '{"total_orders": 1}'.encode("utf-16"),
    "5,000 digits": b'{"total_orders": ' + b"9" * 5000 + b"}",
    "deep nesting": b"[" * 200_000,
}
for what, body in surprises.items():
    try:
        outcome = json.loads(body)
    except (ValueError, RecursionError) as error:
        outcome = type(error).__name__
    print(f"{what:14} {outcome}")
print(json.loads(surprises["a name twice"], object_pairs_hook=list))
print(json.loads(surprises["5,000 digits"], parse_int=float))

# %% [markdown]
# - The standard says names *should* be unique. Python keeps the last one and says nothing.
# - `NaN` is not JSON. Python reads it all the same, and makes `inf` of `1e999`.
# - Given bytes, `json.loads` guesses the encoding. Decode them yourself and you decide.
# - Five thousand digits raise a plain `ValueError`, deep nesting a `RecursionError`. Neither is a
#   `JSONDecodeError`, and whoever catches only that has a 500.
#
# ## Strict or lax?
#
# pydantic answers the third question: it checks all fields and collects every problem. By default it is
# **lax**: it converts what it can. That is pleasant for a web form and wrong here, because text that
# looks like a number is a sign that the caller has mixed something up.
#
# The last lines of the cell show a trap: a pydantic error carries the **input**. Print it into the answer and
# you send the caller's data to every log and ticket on the way.

# %%
from pydantic import BaseModel, ConfigDict, ValidationError


class Lax(BaseModel):
    total_orders: float


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    total_orders: float


def verdict(model: type[BaseModel], **fields) -> str:
    try:
        return f"accepted as {model(**fields).total_orders!r}"
    except ValidationError as error:
        return f"refused ({error.error_count()})"


cases = [{"total_orders": value} for value in (12, "12", True, float("nan"), None)]
cases.append({"total_orders": 12, "totl_orders": 13})
for fields in cases:
    print(f"{fields!s:44} lax: {verdict(Lax, **fields):22} strict: {verdict(Strict, **fields)}")
try:
    Strict(total_orders="call me on 0161 496 0000")
except ValidationError as error:
    print("the value is in str(error):", "0161" in str(error))
    told = error.errors(include_url=False, include_input=False)
    print("the value is in errors(include_input=False):", "0161" in str(told))

# %% [markdown]
# The sixth row is a misspelt field. Lax means that it is dropped, and somebody wonders for a week why nothing
# changes.
#
# ## All problems at once
#
# A caller who learns of one problem per request needs five requests for five problems. Here is what the
# finished service says to a request with several:

# %% tags=["nbval-ignore-output"]
worst = CUSTOMER | {"total_orders": '"12"', "email_open_rate": "25", "customer_id": '""'}
answer = post("reference", written(worst, ', "lifetime_value": 380.5'))
print(answer.status_code, answer.headers["Content-Type"])
print(json.dumps(answer.json(), indent=2))

# %% [markdown]
# ## Problem details
#
# That document has a standard: RFC 9457. Its media type is `application/problem+json`, and its members are
# `type`, `title`, `status` and `detail`. `errors` is an extension of ours, which the standard allows.
# `about:blank` as the type says: the status code tells all there is to tell about the kind of problem.
#
# A caller's code needs one way to read *every* error, whoever raised it.

# %%
URL = service.url
answers = {
    "no such address": requests.get(f"{URL}/predictions", timeout=10),
    "another method": requests.get(f"{URL}/predict", timeout=10),
    "a body too large": post("reference", b" " * 20_000),
    "another media type": post("reference", b"id=C-1042", "text/plain"),
    "not JSON": post("reference", b"{"),
    "no customer": post("reference", b"{}"),
}
for what, answer in answers.items():
    document = answer.json()
    extra = [name for name in document if name not in ("type", "title", "status", "detail")]
    print(f"{what:20}{document['status']} {document['title']:26}{', '.join(extra)}")
print({answer.headers["Content-Type"] for answer in answers.values()})
print("Allow names POST:", "POST" in answers["another method"].headers["Allow"])

# %% [markdown]
# A 405 without its `Allow` header breaks the HTTP standard. An error handler that builds a new response
# must carry the exception's headers over, all but one: the old `Content-Type`.
#
# ## What a crash may tell
#
# Nothing. The caller can do nothing with your stack trace; an attacker can. The most popular error handler
# of all looks like this:

# %%
leaky = Flask("leaky")


@leaky.errorhandler(Exception)
def tell_everything(error):
    return {"error": str(error)}, 500


@leaky.get("/orders")
def orders():
    return Path("config/database-of-shop-7.ini").read_text(encoding="utf-8")


client = leaky.test_client()
print("it tells where the secrets are:", "database-of-shop-7.ini" in client.get("/orders").text)
print("a wrong address is a", client.get("/nowhere").status_code)

# %% [markdown]
# Two faults in two lines. It sends the exception's text to the caller. And since every HTTP error is an
# exception too, it turns a 404 into a 500. The finished service has three handlers: one for HTTP errors,
# one for `InvalidCustomer`, and one for crashes, which logs the trace and answers with a fixed sentence.
#
# ## Fuzz both
#
# You will not think of everything, and need not. Draw a few hundred bodies at random: valid customers with
# values exchanged, fields dropped, bytes overwritten, and plain noise.

# %%
import random

ODD = ["null", "true", '"45"', "[]", "{}", "NaN", "-1", "1e999", '""', "0.5", "7", "9" * 400]


def random_body(rng: random.Random) -> bytes:
    fields = dict(CUSTOMER)
    for name in rng.sample(list(fields), rng.randint(0, 2)):
        if rng.random() < 0.3:
            del fields[name]
        else:
            fields[name] = rng.choice(ODD)
    body = bytearray(written(fields))
    if rng.random() < 0.3:
        body[rng.randrange(len(body))] = rng.randrange(256)
    return rng.randbytes(rng.randrange(60)) if rng.random() < 0.2 else bytes(body)


rng = random.Random(5)
bodies = [random_body(rng) for _ in range(300)]
statuses = {who: [post(who, body).status_code for body in bodies] for who in URLS}
print("the reference answered 500:", statuses["reference"].count(500), "times")

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt

codes = sorted(set(statuses["naive"]) | set(statuses["reference"]))
figure, axes = plt.subplots(figsize=(8, 3.5))
for shift, (who, hatch, colour) in zip(
    (-0.2, 0.2), (("naive", "//", "#f4a582"), ("reference", "..", "#92c5de"))
):
    counts = Counter(statuses[who])
    places = [place + shift for place in range(len(codes))]
    heights = [counts[code] for code in codes]
    bars = axes.bar(places, heights, 0.38, label=who, hatch=hatch, color=colour, edgecolor="black")
    axes.bar_label(bars)
axes.set_xticks(range(len(codes)), [str(code) for code in codes])
axes.set(
    title=f"{len(bodies)} random bodies, sent to both services",
    xlabel="status of the answer",
    ylabel="answers",
)
axes.margins(y=0.15)
axes.legend()
plt.show()
silent = sum(
    naive == 200 and reference != 200
    for naive, reference in zip(statuses["naive"], statuses["reference"])
)
print(f"{silent} bodies are no customer and got a prediction from the naive service all the same.")
server.shutdown()
server.server_close()
service.stop()

# %% [markdown]
# The bar above 500 is what an alert sees. The number under the plot is what no alert sees.
#
# ## Your first exercise here: `validate-customer`
#
# Open [`exercises/churn_service/customer.py`](../exercises/churn_service/customer.py). There are two places
# to fill: one for what your function needs, one in the function. pydantic is imported for you. You may
# use it, or write the checks by hand: only what goes over the wire counts.
#
# The check sends several hundred bodies to your service, drawn anew each time. Begin with the valid customer,
# then go down the docstring.

# %%
check("validate-customer")

# %%
hint("validate-customer")

# %% [markdown]
# ## Your second exercise: `problem-responses`
#
# Open [`exercises/churn_service/problems.py`](../exercises/churn_service/problems.py). One function builds
# the document, the other decides which exception becomes which document. The check also breaks the model
# under your service, and reads what the caller and the log are told.

# %%
check("problem-responses")

# %%
hint("problem-responses")

# %% [markdown]
# ## What goes wrong in practice
#
# - **`float(...)` is more generous than it looks.** "Convert it, and catch the ValueError" lets in all that
#   the first loop prints.
# - **Two readers, one body, two customers.** A gateway checks the first of two equal names, the service
#   behind it uses the last. What was checked is not what was used.

# %%
for text in ("1_000", " 45\n", "٤٥", "nan", "-Infinity", "1e400"):
    print(f"{text!r:14} -> {float(text)}")

body = '{"customer_id": "C-1", "lifetime_value": 10, "lifetime_value": 1000000}'
pairs = json.loads(body, object_pairs_hook=list)
gateway = dict(reversed(pairs))  # the first one wins
behind = dict(pairs)  # the last one wins
print("checked:", gateway["lifetime_value"], " used:", behind["lifetime_value"])

# %% [markdown]
# - **A caller retries a 500 for ever.** Many clients retry on 5xx and give up on 4xx. A wrong body that is
#   answered with 500 comes back, and back.
# - **Validation moves into the model code**, line by line, "just for this case", until nobody can say which
#   customers the service accepts.
#
# ## Further reading
#
# - RFC 9457, *Problem Details for HTTP APIs*; section 3 explains each member.
# - RFC 8259, *The JavaScript Object Notation (JSON) Data Interchange Format*; section 4 on names that come
#   twice, section 6 on numbers, section 8.1 on UTF-8.
# - RFC 9110, *HTTP Semantics*; section 15.5 on what each 4xx means.
# - The pydantic documentation, *Strict Mode* and *Conversion Table*.
# - N. Seriot, *Parsing JSON is a Minefield*, 2016: what parsers do with what the standard leaves open.
# - E. Breck and others, *Data Validation for Machine Learning*, MLSys 2019: the same for whole data sets.
#
# **Next:** [06 Logs and tests](06_logs_and_tests.ipynb), where the service learns to say what it did.
