def act(wrong):
    return float("nan")
