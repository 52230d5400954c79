"""What acts on clusters by itself: the pull agents, and the push pipeline that they are compared with."""
