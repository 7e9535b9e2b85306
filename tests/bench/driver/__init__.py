"""The parts of the measurement, for measure.py."""
