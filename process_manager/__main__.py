"""`python -m process_manager` is the command `process-manager`."""

from process_manager.cli import main

if __name__ == "__main__":
    main()
