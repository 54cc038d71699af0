"""The published tables from photos and captions on: index, train the heads, measure, set the figures side by side."""
