"""What every process has: its configuration folder, logs, a port to listen on, and tasks that are watched."""
