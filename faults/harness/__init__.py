"""What every kind of fault needs: the county, the server, clients with a ledger, and what the record says."""
