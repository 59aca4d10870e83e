"""Abstract number types and structural matching."""

import math
from numbers import Real


def risk_level(probability: float) -> str:
    match probability:
        case bool():
            raise TypeError("a bool is no probability")
        case Real():
            if math.isnan(probability) or probability < 0 or probability > 1:
                raise ValueError("outside [0, 1]")
        case _:
            raise TypeError("no number")
    names = {(True, True): "high", (True, False): "medium", (False, False): "low"}
    return names[probability > 0.4, probability > 0.7]
