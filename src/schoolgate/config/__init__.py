"""The wiring: settings, addresses of pages, middleware, the worker's entry."""
