"""The appraisal's tables and queries: SQL and nothing else."""
