"""From mentions to findings. Nothing here knows spaCy."""
