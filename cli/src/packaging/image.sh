#!/bin/sh
# Makes TARGET/image: the program with a Java run-time image that has just the modules it needs. Runs as it is wherever
# the system is of the same kind; nothing else has to be installed.
#   image.sh TARGET
set -eu

target=$1
here=$(dirname "$(readlink -f "$0")")
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
# Found by name only: elliptic curves, and file systems in jars.
by_name=jdk.crypto.ec,jdk.zipfs

modules=$("$java_home/bin/jdeps" --multi-release 17 --ignore-missing-deps --print-module-deps \
    --class-path "$target/lib/*" "$target/p2pvpn.jar" "$target"/lib/*.jar 2>/dev/null | tail -n 1)
image=$target/image
rm -rf "$image"
mkdir -p "$image/bin" "$image/share/p2pvpn"
"$java_home/bin/jlink" --add-modules "$modules,$by_name" --strip-debug --no-header-files --no-man-pages --compress=2 \
    --output "$image/share/p2pvpn/jre" 2>/dev/null \
    || "$java_home/bin/jlink" --add-modules "$modules,$by_name" --strip-java-debug-attributes --no-header-files \
        --no-man-pages --compress=zip-6 --output "$image/share/p2pvpn/jre"
cp "$here/../../../p2pvpn" "$image/bin/"
cp "$target/p2pvpn.jar" "$image/share/p2pvpn/"
cp -r "$target/lib" "$image/share/p2pvpn/"
