"""What may hold a start back: switches and quiet windows."""
