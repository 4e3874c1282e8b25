"""What the appraisal does, one function a command, event or question; it sees Protocols and never commits."""
