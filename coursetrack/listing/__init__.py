"""The indexed list of completed lessons: any filter, order and page, with the exact total."""
