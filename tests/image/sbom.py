"""sbom.py FILE <PACKAGES: holds a list of contents (SPDX) against the packages that the build installs, one on each line."""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    document = json.load(file)
assert document["spdxVersion"] == "SPDX-2.3" and document["creationInfo"]["created"] == "1970-01-01T00:00:00Z", document
packages = {one["name"]: one for one in document["packages"]}
assert len(packages) == len(document["packages"])
missing = set(sys.stdin.read().split()) - set(packages)
assert not missing, f"not listed: {missing}"
for own in ("libc6-dev", "libstdc++-12-dev", "libgcc-12-dev", "pushgateway"):
    assert own in packages, own
identifiers = {one["SPDXID"] for one in document["packages"]} | {document["SPDXID"]}
assert len(identifiers) == len(packages) + 1
relations = {}
for one in document["relationships"]:
    assert {one["spdxElementId"], one["relatedSpdxElement"]} <= identifiers, one
    relations[one["relatedSpdxElement"]] = one["relationshipType"]
assert relations[packages["libssl-dev"]["SPDXID"]] == "STATIC_LINK"
assert relations[packages["ca-certificates"]["SPDXID"]] == "CONTAINS"
for name, one in packages.items():
    assert one["versionInfo"], name
    if name != "pushgateway":
        assert one["externalRefs"][0]["referenceLocator"].startswith("pkg:deb/debian/"), name
print(f"{len(packages)} packages")
