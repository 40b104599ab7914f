"""A stand-in for the service, without a socket."""
