"""`GET /health`: for what watches the processes, and sends no requests to one that cannot answer them."""

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while this process answers and reaches its database, otherwise 503. Open to everybody."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})
