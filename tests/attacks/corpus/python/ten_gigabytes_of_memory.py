def act(wrong):
    return len(bytearray(10 << 30))
