"""The `kaohe` command: every step of the appraisal by hand, over HTTP, against any deployment."""
