"""`python -m bookstore_model`: see `--help`."""

from bookstore_model.cli import main

if __name__ == "__main__":
    main()
