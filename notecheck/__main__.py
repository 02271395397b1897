"""`python -m notecheck`."""

from notecheck.cli import main

if __name__ == "__main__":
    main()
