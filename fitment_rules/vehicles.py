"""Interface sketch; being written."""
