"""What a server writes about its answers: lines to read or JSON, a moment later, whoever reads them or does not."""
