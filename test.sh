#!/bin/bash
# Runs all tests: the Maven build with its checks on the default JDK, the Spark job's, the same compiled tests on a JDK
# 25 if there is one (P2PVPN_JDK25 or /usr/lib/jvm/*25*), and as root the quick part of the lab. On Debian and Ubuntu,
# as root, what is missing is installed first. The last line counts; the exit code is 0 only if nothing failed.
set -u -o pipefail
cd "$(dirname "$(readlink -f "$0")")" || exit 1

passed=0
failed=0
skipped=0
failures=()
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
policy_is_ours=
clean_up() {
    rm -f "$log"
    if [ -n "$policy_is_ours" ]; then rm -f "$policy"; fi
}
trap clean_up EXIT

say() { printf '== %s\n' "$*"; }
is_root() { [ "$(id -u)" -eq 0 ]; }
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ]; }

java_feature() { "$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p'; }
has_jdk() { have javac && [ "$(java_feature "$(command -v java)")" -ge 17 ] 2>/dev/null; }

missing_packages() {
    [ -n "${JAVA_HOME:-}" ] || has_jdk || echo openjdk-17-jdk-headless
    have mvn || echo maven
    have ip || echo iproute2
    have ping || echo iputils-ping
    have nft || echo nftables
    have ethtool || echo ethtool
    have iperf3 || echo iperf3
    have openvpn || echo openvpn
    have tcpdump || echo tcpdump
    have sshd || echo openssh-server
    have ssh || echo openssh-client
    have curl || echo curl
    have gcc || echo gcc
    [ -e /usr/include/stdio.h ] || echo libc6-dev
    have python3 || echo python3
    have chromium || have chromium-browser || have google-chrome || echo chromium
}

install_missing() {
    local packages package
    mapfile -t packages < <(missing_packages)
    [ "${#packages[@]}" -gt 0 ] || return 0
    if ! is_root || ! [ -e /etc/debian_version ] || ! have apt-get; then
        say "missing here, so what needs it is skipped or fails: ${packages[*]}"
        return 0
    fi
    say "installing what the tests need (apt-get): ${packages[*]}"
    # The tests start their own servers; the packages must not start theirs.
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && policy_is_ours=yes
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update || say "apt-get update failed; going on with the old lists"
    if ! apt-get -qq install -y --no-install-recommends "${packages[@]}" >"$log" 2>&1; then
        # One package that this release does not have must not cost the others.
        for package in "${packages[@]}"; do
            apt-get -qq install -y --no-install-recommends "$package" >"$log" 2>&1 || say "could not install $package"
        done
        has_jdk || apt-get -qq install -y --no-install-recommends default-jdk-headless >"$log" 2>&1
    fi
    if [ -n "$policy_is_ours" ]; then
        rm -f "$policy"
        policy_is_ours=
    fi
}

# Adds up Surefire's totals, one line per module, in $log.
count_tests() {
    local run bad skip
    read -r run bad skip < <(awk -F'[:,]' '
        /Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+ *$/ {
            for (i = 1; i < NF; i++) {
                if ($i ~ /Tests run$/) run += $(i + 1)
                if ($i ~ /Failures$|Errors$/) bad += $(i + 1)
                if ($i ~ /Skipped$/) skip += $(i + 1)
            }
        }
        END { print run + 0, bad + 0, skip + 0 }' "$log")
    passed=$((passed + run - bad - skip))
    failed=$((failed + bad))
    skipped=$((skipped + skip))
    return "$((bad > 0))"
}

# Runs Maven with the arguments after the first, which says in words what is run.
run_maven() {
    local what=$1
    shift
    say "$what: mvn $*"
    # Maven resets the terminal's colours at its end even where it used none.
    mvn "$@" </dev/null 2>&1 | sed -u 's/\x1b\[[0-9;]*m//g' | tee "$log"
    local status=${PIPESTATUS[0]}
    if ! count_tests; then
        failures+=("$what: failing tests")
    elif [ "$status" -ne 0 ]; then
        failed=$((failed + 1))
        failures+=("$what: the build failed")
    fi
}

find_jdk25() {
    local home
    for home in "${P2PVPN_JDK25:-}" /usr/lib/jvm/*25*; do
        if [ -n "$home" ] && [ -x "$home/bin/java" ] && [ "$(java_feature "$home/bin/java")" = 25 ]; then
            echo "$home"
            return
        fi
    done
}

run_lab() {
    if [ ! -x lab/check ]; then
        return
    fi
    if ! is_root; then
        say "skipped, needs root: lab/check quick"
        return
    fi
    say "lab: lab/check quick"
    lab/check quick </dev/null 2>&1 | tee "$log"
    local status=${PIPESTATUS[0]} good bad
    read -r good bad < <(sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed.*/\1 \2/p' "$log" | tail -n 1) || true
    if [ "$status" -ne 0 ] && [ "${bad:-0}" -eq 0 ]; then bad=1; fi
    if [ "$status" -eq 0 ] && [ -z "${good:-}" ]; then good=1; fi
    passed=$((passed + ${good:-0}))
    failed=$((failed + ${bad:-0}))
    if [ "${bad:-0}" -gt 0 ]; then failures+=("lab/check quick"); fi
}

install_missing
if ! is_root; then
    say "not root: these skip themselves"
    grep -rlE '@Tag\("netns"\)' --include='*.java' . | grep '/src/test/' | sed 's|.*/|   |' | sort
fi

run_maven "tests and checks" -B -Dstyle.color=never --fail-at-end verify
# By itself: it needs no other module, and the first time it downloads the 375 MB that Spark is.
run_maven "the Spark job" -B -Dstyle.color=never -Pspark -pl crawler/spark verify

jdk25=$(find_jdk25)
if [ -n "$jdk25" ] && [ "$failed" -eq 0 ]; then
    # Only the forked test JVM changes; what was compiled for release 17 is what runs.
    run_maven "the same tests on JDK 25" -B -Dstyle.color=never --fail-at-end package -Djvm="$jdk25/bin/java" -Denforcer.skip
    run_maven "the Spark job on JDK 25" -B -Dstyle.color=never -Pspark -pl crawler/spark package \
        -Djvm="$jdk25/bin/java" -Denforcer.skip
elif [ -n "$jdk25" ]; then
    say "not run on JDK 25, because the first run failed"
else
    say "not run on JDK 25: none found (P2PVPN_JDK25 names one)"
fi

run_lab

for failure in "${failures[@]}"; do
    say "FAILED: $failure"
done
[ "$skipped" -eq 0 ] || say "$skipped skipped (each says why above)"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
