"""What completes a lesson: one small frozen class for each criterion, and those over others."""
