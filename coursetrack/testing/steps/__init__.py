"""What a machine may do, one step at a time: a mixin for each part of a tracker's surface."""
