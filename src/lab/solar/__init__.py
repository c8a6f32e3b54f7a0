"""Solar power: where a system stands and how it is tilted, what its weather gives, tomorrow's."""
