"""The demonstration: `process-manager demo` shows the invoice dispatch at work, in a folder of its own."""
