"""The list endpoint and its siblings: a request value in, a response value out."""
