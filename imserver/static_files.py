"""Static files as they are served in production: each under a name with a hash of what it holds."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Scripts that import others name them with their hashes too.

    Without that, a browser takes the new page with yesterday's modules out of its cache.
    """

    support_js_module_import_aggregation = True
