"""What Schemathesis is not to send."""

import os
from urllib.parse import urlencode

import schemathesis

# Before any application HTTP servers refuse a longer line: API Gateway's own limit is 10,240 bytes with the headers.
QUERY_BYTES_MAX = 8_000


@schemathesis.hook
def filter_query(context, query):
    return not query or len(urlencode(query, doseq=True)) <= QUERY_BYTES_MAX


# The keys that it speaks with itself: whoever gives one up hears nothing but 401 from then on.
SPOKEN_KEYS = set(os.environ["SPOKEN_KEYS"].split())


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    return not path_parameters or SPOKEN_KEYS.isdisjoint(path_parameters.values())
