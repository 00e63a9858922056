package io.p2pvpn.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.cli.doctor.Finding.Severity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CheckupTest {
    private final FakeHost host = new FakeHost();

    @Test
    void run_healthyHost_findsNothingToMend() {
        assertThat(run()).allMatch(each -> each.severity() == Severity.OK);
        assertThat(codes()).contains("system", "tun-device", "processor", "firewall", "state-directory", "clock");
    }

    @Test
    void system_notLinux_isAnError() {
        host.system = "Mac OS X";
        assertThat(severity("system")).isEqualTo(Severity.ERROR);
        assertThat(codes()).doesNotContain("firewall");
    }

    @Test
    void system_withoutNativeLibrary_isAWarning() {
        host.whyNoLoop = "no such library";
        assertThat(severity("system")).isEqualTo(Severity.WARNING);
    }

    @Test
    void device_missing_isAnErrorThatKnowsContainers() {
        host.present.remove("/dev/net/tun");
        assertThat(text("tun-device")).contains("modprobe tun").doesNotContain("container");
        host.present.add("/.dockerenv");
        assertThat(text("tun-device")).contains("--device /dev/net/tun");
    }

    @Test
    void device_withoutPrivileges_isAWarningAndNotTried() {
        host.privileged = false;
        host.whyNoDevice = "never asked";
        assertThat(severity("privileges")).isEqualTo(Severity.WARNING);
        assertThat(codes()).doesNotContain("tun-device");
    }

    @Test
    void device_refused_saysWhy() {
        host.whyNoDevice = "the kernel refuses";
        assertThat(severity("tun-device")).isEqualTo(Severity.ERROR);
        assertThat(text("tun-device")).contains("the kernel refuses");
    }

    @Test
    void processor_withoutAes_isTold() {
        host.files.put("/proc/cpuinfo", "flags : fpu aesni_like\n");
        assertThat(severity("processor")).isEqualTo(Severity.INFO);
    }

    @Test
    void openFiles_few_isAWarning() {
        host.files.put("/proc/self/limits", "Max open files            256   4096   files\n");
        assertThat(severity("open-files")).isEqualTo(Severity.WARNING);
        host.files.put("/proc/self/limits", "Max open files            unlimited   unlimited   files\n");
        assertThat(codes()).doesNotContain("open-files");
    }

    @Test
    void ipv6_off_isTold() {
        host.files.put("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1\n");
        assertThat(severity("ipv6")).isEqualTo(Severity.INFO);
    }

    @Test
    void firewall_policies_areNamedByWay() {
        host.outputs.put(
                "nft",
                "{\"nftables\": [" + chain("input", "drop") + "," + chain("output", "drop") + ","
                        + chain("forward", "drop") + "]}");
        assertThat(severity("firewall-input")).isEqualTo(Severity.WARNING);
        assertThat(text("firewall-input")).contains("table inet filter, chain input");
        assertThat(severity("firewall-output")).isEqualTo(Severity.ERROR);
        assertThat(severity("firewall-forward")).isEqualTo(Severity.INFO);
        assertThat(codes()).doesNotContain("firewall");
    }

    @Test
    void firewall_lastRuleDropsAll_isClosedToo() {
        String accepts = rule("{\"match\": {}}, {\"accept\": null}");
        host.outputs.put(
                "nft",
                "{\"nftables\": [" + chain("input", "accept") + "," + accepts + "," + rule("{\"reject\": null}")
                        + "]}");
        assertThat(codes()).contains("firewall-input");
        host.outputs.put(
                "nft",
                "{\"nftables\": [" + chain("input", "accept") + "," + rule("{\"match\": {}}, {\"drop\": null}") + "]}");
        assertThat(codes()).doesNotContain("firewall-input");
    }

    @Test
    void firewall_onlyIptables_isReadThere() {
        host.outputs.clear();
        host.outputs.put("iptables", "-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n");
        assertThat(severity("firewall-input")).isEqualTo(Severity.WARNING);
        assertThat(codes()).doesNotContain("firewall-forward", "firewall-output");
    }

    @Test
    void firewall_unreadable_isTold() {
        host.outputs.put("nft", "no JSON");
        assertThat(severity("firewall")).isEqualTo(Severity.INFO);
        host.outputs.put("nft", "[]");
        assertThat(severity("firewall")).isEqualTo(Severity.INFO);
        host.outputs.clear();
        host.privileged = false;
        assertThat(text("firewall")).contains("only root");
    }

    @Test
    void stateDirectory_notWritableOrFull_isAnError() {
        host.freeBytes = 100;
        assertThat(text("state-directory")).contains("only 100 B are free");
        host.writable = false;
        assertThat(text("state-directory")).contains("may not write to /var:");
        assertThat(severity("state-directory")).isEqualTo(Severity.ERROR);
    }

    @Test
    void clock_ofThePastOrUnkept_isTold() {
        host.outputs.put("timedatectl", "no\n");
        assertThat(severity("clock")).isEqualTo(Severity.WARNING);
        host.now = Instant.parse("1970-01-01T00:00:05Z");
        assertThat(severity("clock")).isEqualTo(Severity.ERROR);
        assertThat(text("clock")).contains("1970-01-01T00:00:05Z");
    }

    private static String chain(String hook, String policy) {
        return "{\"chain\": {\"family\": \"inet\", \"table\": \"filter\", \"name\": \"" + hook + "\", \"hook\": \""
                + hook + "\", \"policy\": \"" + policy + "\"}}";
    }

    private static String rule(String expressions) {
        return "{\"rule\": {\"family\": \"inet\", \"table\": \"filter\", \"chain\": \"input\", \"expr\": ["
                + expressions + "]}}";
    }

    private List<Finding> run() {
        return new Checkup(host, Path.of("/var/lib/p2pvpn")).run();
    }

    private List<String> codes() {
        return run().stream().map(Finding::code).toList();
    }

    private Finding find(String code) {
        return run().stream()
                .filter(each -> each.code().equals(code))
                .findFirst()
                .orElseThrow();
    }

    private Severity severity(String code) {
        return find(code).severity();
    }

    private String text(String code) {
        return find(code).text();
    }
}
