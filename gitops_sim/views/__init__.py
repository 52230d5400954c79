"""Pictures as SVG and their twins in words. They only read."""
