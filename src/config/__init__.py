"""How the site is put together: settings from the environment, addresses, the worker, the web server's door."""
