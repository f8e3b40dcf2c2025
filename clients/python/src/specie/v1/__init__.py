"""The schema of what is signed, logged and sent, generated from proto/ by scripts/generate."""
