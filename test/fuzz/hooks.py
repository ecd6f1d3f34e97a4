"""What Schemathesis is not to send."""

from urllib.parse import urlencode

import schemathesis

# Before any application HTTP servers refuse a longer line: API Gateway's own limit is 10,240 bytes with the headers.
QUERY_BYTES_MAX = 8_000


@schemathesis.hook
def filter_query(context, query):
    return not query or len(urlencode(query, doseq=True)) <= QUERY_BYTES_MAX
