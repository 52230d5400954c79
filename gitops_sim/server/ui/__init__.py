"""The dashboard in a browser: plain pages that work without scripts, on a port of their own.

They are plain HTTP: a browser would warn of the API's self-signed certificate before every page, and what stays on loopback is
read by nobody else. The link that ``gitops-sim serve`` prints opens once; a cookie takes its place, as in Jupyter.
"""
