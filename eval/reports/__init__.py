"""Measurements as JSON, Markdown, and pictures."""
