"""Files of other systems become facts on Kafka."""
