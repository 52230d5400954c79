"""Settings for all tests."""

from hypothesis import HealthCheck, settings

# The same examples in every run, however busy the machine is: a red test can be repeated.
settings.register_profile("course", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")
