"""What an author writes: process classes, their steps, and how they are found."""
