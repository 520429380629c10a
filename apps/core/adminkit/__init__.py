"""What the admins of all Django apps are made of: the site, the scope of an operator, lists of big tables.

`apps/*/admin` registers with it; it knows no model but the tenant.
"""
