"""Completed lessons and the indexes that answer filter, order, page and total."""
