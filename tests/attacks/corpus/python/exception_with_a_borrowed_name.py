ValueError = type("ValueError", (Exception,), {})
TypeError = type("TypeError", (Exception,), {})


def act(wrong, seen=[]):
    raise (ValueError, TypeError)[len(seen) % 2]("no probability")
