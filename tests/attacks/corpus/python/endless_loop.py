def act(wrong):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
