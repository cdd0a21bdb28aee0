"""The subcommands of `dateline`, one a module."""
