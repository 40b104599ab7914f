"""What things are and when a lesson is complete: frozen values and pure functions, no look-ups."""
