"""How the judge speaks with what runs: a conversation, its answers, and what may come of them."""
