"""Contested points: who says what, on which rank, with which scope; and what it means to both sides."""
