"""load.py URL GROUPS: pushes that many groups of 22 series over one connection."""
import http.client
import sys
from urllib.parse import urlsplit

connection = http.client.HTTPConnection(urlsplit(sys.argv[1]).netloc, timeout=10)
body = "".join(f'load_value{{n="{n}"}} {n}\n' for n in range(22))
for group in range(int(sys.argv[2])):
    connection.request("PUT", f"/metrics/job/load/group/{group}", body)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
assert connection.getresponse().status == 200
