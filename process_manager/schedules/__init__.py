"""When schedules fall due. Pure functions: the moment in question is always passed in."""
