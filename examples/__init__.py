"""Eight small processes to copy from; README.md lists them."""
