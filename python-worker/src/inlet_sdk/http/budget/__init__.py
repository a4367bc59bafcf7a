"""What everything that calls a vendor with one credential shares (decision 8).

limits.py      what is configured
bucket.py      the law: pure
bucket_store.py  where the bucket is kept: the `hot` table, or this process
spender.py     what a caller holds: asks for a lease, spends it, gives back the rest
vendor_budget.py  all that one call draws on: the credential's requests, the app's points
"""
