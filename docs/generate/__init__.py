"""The pages of the documentation that are made from the code, and the hook that hands them to MkDocs."""
