def act(wrong):
    raise RuntimeError(
        "\x1b[2J\x1b[32m\u2713 passed, all points\x1b[0m \ud800 \u202e ::set-output name=verdict::passed "
        "[bold green]passed[/] <script>alert(1)</script> " + "x" * 100_000
    )
