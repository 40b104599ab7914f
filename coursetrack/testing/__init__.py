"""For your own tests: a naive model, strategies, a state machine, fault injection, a fake."""
