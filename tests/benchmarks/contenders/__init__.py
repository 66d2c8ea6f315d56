"""The same test through Mocktill and through hand-written stubs: each module is run by pytest a thousand times."""
