"""A new version while processes are under way: permits that began with version 1 go on with version 2.

It shows `upgrades`. Version 1 (v1.py) prints permits on paper. Version 2 (v2.py) sends them digitally: its second step
has a new name and needs an address that version 1 did not keep. A permit that waits for the printer is taken over by
the first worker that knows version 2; its history says so, and its idempotency key stays the same.

    process-manager start permit --payload '{"case": "2026-17", "applicant": "Ida Holm"}'
    process-manager work

As both versions are known here, this starts version 2. Leave out v2.py to see version 1 wait.
"""
