import sys
import urllib.request

method, url, path = sys.argv[1:]
with open(path, "rb") as file:
    urllib.request.urlopen(urllib.request.Request(url, file.read(), method=method), timeout=30).close()
