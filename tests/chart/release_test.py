"""The steps of script/release, with stand-ins that note how docker, cosign, gh and the registry's part of helm are called."""
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from rendering import root

OWNER = "ghcr.io/Some-Owner/Pushgateway"
STANDINS = {
    "docker": """
case "$*" in
*imagetools\\ inspect*) echo sha256:1111 ;;
*type=local*)
    folder=$(echo "$*" | sed 's/.*dest=\\([^ ]*\\).*/\\1/')
    mkdir -p "$folder"
    echo 'libssl-dev 3.0.22-1~deb12u2 amd64 openssl 3.0.22-1~deb12u2' >"$folder/packages"
    echo 'libstdc++-12-dev 12.2.0-14 amd64 gcc-12 12.2.0-14' >>"$folder/packages"
    ;;
create*) echo container ;;
cp*)
    printf '#!/bin/sh\\necho "pushgateway, version %s (branch: v%s)"\\n' "$VERSION" "$VERSION" >"$3pushgateway"
    chmod +x "$3pushgateway"
    ;;
esac
""",
    "helm": """
case $1 in
push)
    [ -z "${REFUSE-}" ] || { echo "denied" >&2; exit 1; }
    printf 'Pushed: it\\nDigest: sha256:2222\\n' >&2
    ;;
*) exec "$HELM" "$@" ;;
esac
""",
    "cosign": """
[ "$1" != sign-blob ] || : >"$4"
""",
    "gh": "",
}


class Release(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = os.path.join(folder.name, "tree")
        self.log = os.path.join(folder.name, "calls")
        tools = os.path.join(folder.name, "bin")
        os.makedirs(tools)
        for name, text in STANDINS.items():
            with open(os.path.join(tools, name), "w", encoding="utf-8") as file:
                file.write(f'#!/bin/sh\necho "{name} $*" >>"{self.log}"\n{text}')
            os.chmod(os.path.join(tools, name), 0o755)
        for path in ("script/release", "script/sbom", "helm-chart", "include/pushgateway/base/version.hpp", "LICENSE",
                     "README.md", "CHANGELOG.md"):
            target = os.path.join(self.tree, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            copy = shutil.copytree if os.path.isdir(os.path.join(root, path)) else shutil.copy
            copy(os.path.join(root, path), target)
        self.environment = {**os.environ, "PATH": tools + ":" + os.environ["PATH"],
                            "HELM": os.path.abspath(os.environ["HELM"]), "GITHUB_OUTPUT": os.path.join(folder.name, "output"),
                            "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "Some-Owner/Pushgateway"}
        for command in (["init", "--quiet"], ["add", "--all"],
                        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=a"]):
            subprocess.run(["git", *command], cwd=self.tree, check=True)
        self.name("1.2.3")

    def name(self, version):
        """Gives everything the version."""
        self.environment["VERSION"] = version
        for path, pattern, text in (
                ("include/pushgateway/base/version.hpp", r'version = ".*"', f'version = "{version}"'),
                ("helm-chart/Chart.yaml", r"(?m)^version: .*$", f"version: {version}"),
                ("helm-chart/Chart.yaml", r"(?m)^appVersion: .*$", f'appVersion: "{version}"'),
                ("CHANGELOG.md", r"## \[Unreleased\]", f"## [{version}] - 2030-01-01\n\nNotes of it.\n\n## [0.0.1]")):
            with open(os.path.join(self.tree, path), encoding="utf-8") as file:
                before = file.read()
            with open(os.path.join(self.tree, path), "w", encoding="utf-8") as file:
                file.write(re.sub(pattern, text, before, count=1))

    def step(self, *arguments, good=True):
        done = subprocess.run(["script/release", *arguments], cwd=self.tree, env=self.environment, capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode == 0, good, done.stdout + done.stderr)
        return done.stderr

    def calls(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def outputs(self):
        with open(self.environment["GITHUB_OUTPUT"], encoding="utf-8") as file:
            return dict(line.split("=", 1) for line in file.read().splitlines())

    def dist(self):
        return sorted(os.listdir(os.path.join(self.tree, "build/dist")))

    def test_check(self):
        self.step("check", "v1.2.3")
        self.assertIn("the tag says 1.2.4", self.step("check", "v1.2.4", good=False))
        self.name("1.2.4")
        self.step("check", "v1.2.4", good=False)

    def test_from_image_to_announcement(self):
        for arch in ("amd64", "arm64"):
            self.step("image", "v1.2.3", OWNER, arch)
        self.step("publish", "v1.2.3", OWNER)
        told = self.outputs()
        self.assertEqual(told, {"image": "ghcr.io/some-owner/pushgateway@sha256:1111",
                                "chart": "ghcr.io/some-owner/charts/pushgateway@sha256:2222"})
        self.step("sign", told["image"], told["chart"])
        self.step("announce", "v1.2.3")
        calls = self.calls()
        self.assertIn("--label org.opencontainers.image.source=https://github.com/Some-Owner/Pushgateway", calls)
        self.assertIn("imagetools create --tag ghcr.io/some-owner/pushgateway:1.2.3 --tag ghcr.io/some-owner/pushgateway:latest "
                      "ghcr.io/some-owner/pushgateway:1.2.3-amd64 ghcr.io/some-owner/pushgateway:1.2.3-arm64", calls)
        self.assertIn("cosign sign --yes " + told["chart"], calls)
        self.assertRegex(calls, r"gh release create v1\.2\.3 --verify-tag --title 1\.2\.3 .*SHA256SUMS\.sigstore\.json")
        binaries = [f"pushgateway-1.2.3.linux-{arch}{end}"
                    for arch in ("amd64", "arm64") for end in (".spdx.json", ".tar.gz")]
        self.assertEqual(self.dist(), sorted([*binaries, "SHA256SUMS", "SHA256SUMS.sigstore.json", "pushgateway-1.2.3.tgz"]))
        folder = os.path.join(self.tree, "build/dist")
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
        with open(os.path.join(folder, "SHA256SUMS"), encoding="utf-8") as file:
            self.assertEqual(len(file.read().splitlines()), 5)
        with tarfile.open(os.path.join(folder, binaries[1])) as archive:
            self.assertEqual(sorted(archive.getnames()), [
                "pushgateway-1.2.3.linux-amd64" + end
                for end in ("", "/CHANGELOG.md", "/LICENSE", "/README.md", "/pushgateway")])
        with tarfile.open(os.path.join(folder, "pushgateway-1.2.3.tgz")) as archive:
            values = archive.extractfile("pushgateway/values.yaml").read().decode()
            self.assertIn("\n  repository: ghcr.io/some-owner/pushgateway\n", values)
            self.assertNotIn("pushgateway/ci", " ".join(archive.getnames()))
        with open(os.path.join(folder, binaries[0]), encoding="utf-8") as file:
            self.assertIn("libssl-dev", [one["name"] for one in json.load(file)["packages"]])
        with open(os.path.join(self.tree, "build/notes.md"), encoding="utf-8") as file:
            self.assertEqual(file.read().strip(), "Notes of it.")

    def test_the_same_twice(self):
        archives = []
        for _ in range(2):
            self.step("image", "v1.2.3", OWNER, "amd64")
            with open(os.path.join(self.tree, "build/dist/pushgateway-1.2.3.linux-amd64.tar.gz"), "rb") as file:
                archives.append(file.read())
        self.assertEqual(archives[0], archives[1])

    def test_a_version_to_try_is_not_the_latest(self):
        self.name("2.0.0-rc.1")
        self.step("image", "v2.0.0-rc.1", OWNER, "amd64")
        self.step("publish", "v2.0.0-rc.1", OWNER)
        self.step("announce", "v2.0.0-rc.1")
        self.assertNotIn("latest", self.calls())
        self.assertIn("gh release create v2.0.0-rc.1 --prerelease", self.calls())

    def test_a_chart_that_the_registry_refuses_ends_it(self):
        self.step("image", "v1.2.3", OWNER, "amd64")
        self.environment["REFUSE"] = "1"
        self.assertIn("denied", self.step("publish", "v1.2.3", OWNER, good=False))
        self.assertNotIn("chart", self.outputs())


if __name__ == "__main__":
    unittest.main()
