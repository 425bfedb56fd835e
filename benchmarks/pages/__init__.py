"""How quickly the pages answer over a million processes, beside a worker that works and people who look."""
