import sys

import requests

method, url, path = sys.argv[1:]
with open(path, "rb") as file:
    requests.request(method, url, data=file.read(), timeout=30).raise_for_status()
