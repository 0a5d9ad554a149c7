"""The domain of Ceasewire: functions from values to values, without clock, log, network or database."""
