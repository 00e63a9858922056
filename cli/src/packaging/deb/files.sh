#!/bin/sh
# Gathers in TARGET/deb-files what the package has in /usr/share: manual pages, completion, documents.
#   files.sh TARGET VERSION
set -eu

target=$1
version=$2
here=$(dirname "$(readlink -f "$0")")
root=$here/../../../..
share=$target/deb-files

rm -rf "$share"
mkdir -p "$share/man/man1" "$share/doc/p2pvpn" "$share/bash-completion/completions" "$share/lintian/overrides"
if [ ! -d "$target/man/man1" ]; then
    echo "no manual pages: build with -Pman-pages,deb" >&2
    exit 1
fi
cp "$target"/man/man1/*.1 "$share/man/man1/"
gzip -9n "$share"/man/man1/*.1
"${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp "$target/p2pvpn.jar" io.p2pvpn.cli.Main completion \
    | sed 1d >"$share/bash-completion/completions/p2pvpn"
cp "$here/copyright" "$share/doc/p2pvpn/copyright"
sed "s/\[\[version\]\]/$version/" "$here/changelog.txt" | gzip -9nc >"$share/doc/p2pvpn/changelog.gz"
gzip -9nc "$root/CHANGELOG.md" >"$share/doc/p2pvpn/CHANGELOG.md.gz"
for document in operations security architecture; do
    cp "$root/docs/$document.md" "$share/doc/p2pvpn/"
done
cp "$here/lintian-overrides" "$share/lintian/overrides/p2pvpn"
