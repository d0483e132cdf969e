"""The service under a live systemd: installed, called, restarted, broken and taken away, on a machine of its own."""
