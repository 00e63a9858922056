package io.p2pvpn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.p2pvpn.cli.node.SameProgram;
import io.p2pvpn.vpn.control.ControlClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A daemon in a process of its own and the commands that talk to it, with a fake node behind the control socket. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class DaemonProcessTest {
    private static final String JOIN = "join --no-tun --bootstrap 192.0.2.1:4001 --namespace ";

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();
    private final List<Path> outputs = new ArrayList<>();
    private ControlClient client;

    /** What a finished command left. */
    private record Result(int code, String out, String err) {}

    @BeforeEach
    void prepare() {
        client = new ControlClient(directory.resolve("s"));
    }

    @AfterEach
    void stop() throws Exception {
        if (client.isAlive()) {
            client.down();
        }
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void join_sigterm_leavesAndExits0() throws Exception {
        Process daemon = start(JOIN + "lab");
        awaitLine(daemon, "lab: joined");
        daemon.destroy();
        Result result = finish(daemon);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err())
                .isEqualTo("online: in the public ring\nlab: joined as 10.1.0.5/16 and fd00::5/64 on p2p0\n");
        assertThat(directory.resolve("s")).doesNotExist();
    }

    @Test
    void bootstrap_down_exits0() throws Exception {
        Process daemon = start("bootstrap --listen 4001");
        awaitLine(daemon, "online");
        assertThat(run("down").code()).isZero();
        assertThat(client.isAlive()).isFalse();
        assertThat(finish(daemon).code()).isZero();
    }

    @Test
    void join_sighup_readsItsConfigurationAgain() throws Exception {
        Path config = directory.resolve("c.toml");
        Files.writeString(config, "relay-limit = 5\nqueues = 1\n");
        Process daemon = start(JOIN + "lab --config " + config);
        awaitLine(daemon, "lab: joined");
        Files.writeString(config, "relay-limit = 7\nqueues = 2\nname = \"other\"\n");
        hangUp(daemon);
        awaitLine(daemon, "the configuration was read again; for a new start only: queues, the namespace's own\n");
        Files.writeString(config, "relay-limit = 9\nqueues = \"many\"\n");
        hangUp(daemon);
        awaitLine(daemon, "the configuration stays as it is: " + config + ":2: Invalid value for option '--queues'");
        Files.delete(config);
        hangUp(daemon);
        awaitLine(daemon, "the configuration stays as it is: there is no file " + config + "\n");
        daemon.destroy();
        Result result = finish(daemon);
        assertThat(result.code()).isZero();
        assertThat(result.err())
                .containsOnlyOnce("relays 7 Mbit/s, enters by [192.0.2.1:4001]\n")
                .doesNotContain("relays 9");
    }

    @Test
    void join_sighupWithoutConfiguration_leavesAndExits0() throws Exception {
        Process daemon = start(JOIN + "lab");
        awaitLine(daemon, "lab: joined");
        hangUp(daemon);
        assertThat(finish(daemon).code()).isZero();
    }

    private static void hangUp(Process daemon) throws Exception {
        Process kill = new ProcessBuilder("kill", "-HUP", String.valueOf(daemon.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    @Test
    void join_refused_exits4WithOneLine() throws Exception {
        Result result = run(JOIN + "refused");
        assertThat(result.code()).isEqualTo(4);
        assertThat(result.err()).endsWith("p2pvpn join: refused is not open\n");
    }

    @Test
    void detach_joined_exits0AndTheDaemonStays() throws Exception {
        Result result = run(JOIN + "lab --detach");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err()).contains("lab: joined as 10.1.0.5/16").contains("runs in the background");
        assertThat(run("status --check joined").code()).isZero();

        Result second = run(JOIN + "waits");
        assertThat(second.code()).as(second.err()).isEqualTo(6);
        assertThat(second.err()).startsWith("waits: waiting for approval");
        assertThat(run("status --check joined").code()).isEqualTo(1);
        assertThat(run("status --check online").code()).isZero();
        assertThat(run("leave --namespace waits").code()).isZero();
        Result unknown = run("leave --namespace waits");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.err()).contains("not in namespace waits");
        assertThat(run("leave").code()).isZero();
        assertThat(client.isAlive()).isFalse();
    }

    @Test
    void detach_waiting_exits6AndTheDaemonGoesOn() throws Exception {
        Result result = run(JOIN + "waits --detach");
        assertThat(result.code()).as(result.err()).isEqualTo(6);
        assertThat(client.isAlive()).isTrue();
    }

    @Test
    void detach_refused_hasTheDaemonsCodeAndLastLine() throws Exception {
        Result result = run(JOIN + "refused --detach");
        assertThat(result.code()).isEqualTo(4);
        assertThat(result.err()).isEqualTo("p2pvpn join: refused is not open\n");
    }

    @Test
    void lookingCommands_daemonRuns_showIt() throws Exception {
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        assertThat(run("status").out())
                .contains("node  01234567  online  up 1h 1m  p2pvpn ")
                .contains("at    udp://192.0.2.7:40000  local")
                .contains("lab        joined  10.1.0.5/16 fd00::5/64  p2p0");
        assertThat(run("status --json").out()).startsWith("{\n  \"schema\" : 1,\n  \"version\" : \"0.1.0\"");
        assertThat(run("peers").out())
                .contains("10.1.0.6  node2  01234567  lab        near,chota  udp://192.0.2.8:40000  0.51 ms  1.5 kB")
                .contains("relay via 01234567")
                .contains("UDP is blocked");
        assertThat(run("peers --json").out()).startsWith("{\n  \"schema\" : 1,\n  \"peers\"");
        assertThat(run("metrics").out()).contains("p2pvpn_session_drop_replay_total 1.0");
        assertThat(run("dashboard --port 4040").out()).isEqualTo("http://127.0.0.1:4040/#secret\n");
        assertThat(run("dashboard --stop").out()).isEqualTo("the dashboard is closed\n");
    }

    @Test
    void route_reachedAndNot_areTold() throws Exception {
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        Result reached = run("route node2");
        assertThat(reached.code()).isZero();
        assertThat(reached.out())
                .contains("in the ring of lab")
                .contains("node2")
                .contains("1.50 ms");
        Result json = run("route node2 --json");
        assertThat(json.out())
                .startsWith("{\n  \"schema\" : 1,\n")
                .contains("\"reached\" : true")
                .contains("\"rttMillis\" : 1.5");
        Result silent = run("route silent");
        assertThat(silent.code()).isEqualTo(5);
        assertThat(silent.out()).contains("no answer").contains("not reached");
    }

    @Test
    void crawl_tableJsonAndDot_tellOfTheRing() throws Exception {
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        Result table = run("crawl");
        assertThat(table.code()).isZero();
        assertThat(table.out())
                .contains("lab: 1 member, consistency 0.5000")
                .contains("no answer in time from: 01234567 (node2)")
                .contains("not covered")
                .contains("likely cause: crash");
        assertThat(run("crawl --json").out())
                .startsWith("{\n  \"schema\" : 1,\n")
                .contains("\"left1Consistency\" : 1.0")
                .contains("\"side\" : \"left2\"");
        assertThat(run("crawl --dot").out()).startsWith("graph ring {").contains("node2");
        Path picture = directory.resolve("ring.html");
        assertThat(run("crawl --html " + picture).code()).isZero();
        assertThat(picture).content().contains("node2").contains("</html>");
        assertThat(run("crawl --lagging wait").code()).isEqualTo(5);
    }

    @Test
    void crawlEvery_daemonComesLater_isAllWrittenDownUntilSigterm() throws Exception {
        Path history = directory.resolve("history");
        Process crawl =
                launch("crawl --every 1s --keep 2d --history " + history + " --socket " + directory.resolve("s"));
        awaitLine(crawl, "crawls are kept in " + history + " for 2d 0h, at most 1.0 GB\n");
        awaitLine(crawl, "no daemon is running here");
        assertThat(run("crawl --every 1s --history " + history).err())
                .startsWith("p2pvpn crawl: another crawl writes to the history in " + history)
                .hasLineCount(1);
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        while (!Files.readString(outputs.get(processes.indexOf(crawl))).contains("lab: 1 member, consistency 0.5000")) {
            assertThat(crawl.isAlive()).isTrue();
            Pause.poll();
        }
        crawl.destroy();
        Result result = finish(crawl);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains(" lab: 1 member, consistency 0.5000, 1 missing, 1 late, partial\n");

        assertThat(run("crawl --json --history " + history).code()).isZero();
        Result summary = run("crawl history --window 1d --history " + history);
        assertThat(summary.code()).isZero();
        assertThat(summary.out())
                .startsWith("lab: ")
                .contains("consistency 0.5000, at least 0.5000\nFROM (UTC)")
                .contains("most often missing: 01234567")
                .contains("no ring: 0 crawls and ");
        Path picture = directory.resolve("history.svg");
        assertThat(run("crawl history --json --history " + history + " --svg " + picture)
                        .out())
                .startsWith("{\n  \"schema\" : 1,\n  \"since\" : \"")
                .contains("\"consistencyMin\" : 0.5");
        assertThat(picture).content().contains("lab: consistency");
        assertThat(run("crawl history --svg " + directory + " --history " + history)
                        .err())
                .contains("cannot write " + directory)
                .hasLineCount(1);
    }

    @Test
    void crawlEvery_terminated_exits0() throws Exception {
        Process crawl = launch("crawl --every 1h --history " + directory + " --socket " + directory.resolve("s"));
        awaitLine(crawl, "no daemon is running here");
        // Not by SIGINT, which a process has no ears for whose shell was started in the background.
        Process kill = new ProcessBuilder("kill", "-TERM", String.valueOf(crawl.pid())).start();
        assertThat(kill.waitFor()).isZero();
        assertThat(finish(crawl).code()).isZero();
    }

    @Test
    void crawl_failsWithHistory_isWrittenDownAndTold() throws Exception {
        Path history = directory.resolve("history");
        assertThat(run("crawl --history " + history).code()).isEqualTo(3);
        assertThat(run("crawl history --history " + history).out())
                .startsWith("no ring: 0 crawls and 1 that failed since ");
        assertThat(run("crawl history --history " + directory.resolve("x")).code())
                .isEqualTo(1);
    }

    @Test
    void dht_everyOutcome_hasItsExitCode() throws Exception {
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        assertThat(run("dht put k hello --namespace lab --ttl 60").out())
                .contains("hello")
                .contains("1m 0s");
        assertThat(run("dht PUT k v").code()).isZero();
        assertThat(run("dht remove k").out()).isEqualTo("removed\n");
        assertThat(run("dht dump").code()).isZero();
        Result found = run("dht get k --namespace lab --json");
        assertThat(found.code()).isZero();
        assertThat(found.out())
                .startsWith("{\n  \"schema\" : 1,\n  \"namespace\" : \"lab\"")
                .contains("\"value\" : \"found\"");
        assertThat(run("dht get absent").code()).isEqualTo(1);
        Result unsure = run("dht get unsure");
        assertThat(unsure.code()).isEqualTo(5);
        assertThat(unsure.out()).contains("only 3 of 8");
        Result held = run("dht claim held v");
        assertThat(held.code()).isEqualTo(1);
        assertThat(held.err()).isEqualTo("p2pvpn dht: another member holds held\n");
    }

    @Test
    void ping_answersAndSilence_areCounted() throws Exception {
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        Result answered = run("ping node2 -c 2 -i 0.01");
        assertThat(answered.code()).isZero();
        assertThat(answered.out()).isEqualTo("""
                        reply from node2: seq 1, 1.50 ms, direct
                        reply from node2: seq 2, 1.50 ms, direct
                        2 sent, 2 received; min/avg/max 1.50/1.50/1.50 ms
                        """);
        Result lossy = run("ping lossy -c 2 -i 0.01 --json");
        assertThat(lossy.code()).isZero();
        assertThat(lossy.out()).contains("\"sent\" : 2,\n  \"received\" : 1,");
        assertThat(run("ping silent -c 1").code()).isEqualTo(5);
        Result unknown = run("ping nobody -c 1");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.err()).isEqualTo("p2pvpn ping: nobody is not the name of a member\n");
    }

    @Test
    void administration_isShownAndDecided() throws Exception {
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        assertThat(run("requests").out()).isEqualTo("""
                        CODE            NAME   NAMESPACE  ID        WAITING
                        ABCD-EFGH-JKMN  node3  lab        01234567  1m 5s
                        """);
        assertThat(run("requests --json").out()).contains("\"fingerprint\" : \"ABCD-EFGH-JKMN\"");
        assertThat(run("approve abcd-efgh-jkmn --name db1").out())
                .isEqualTo("APPROVE abcd-efgh-jkmn db1 is a member of lab\n");
        assertThat(run("deny node3").out()).contains("DENY node3");
        assertThat(run("revoke 10.1.0.2").out()).isEqualTo("REVOKE 10.1.0.2 null is no member of lab any more\n");
        Result nobody = run("revoke nobody");
        assertThat(nobody.code()).isEqualTo(1);
        assertThat(nobody.err()).hasLineCount(1).contains("see p2pvpn requests");
        assertThat(run("members").out()).contains("node2  10.1.0.2  admin  01234567  yes     2026-01-01T00:00:00Z");
        assertThat(run("log").out()).isEqualTo("info\n");
        assertThat(run("log DEBUG --json").out()).contains("\"level\" : \"debug\"");
        String services = "SERVICE  HOST                       PORT\nssh/tcp  node2.lab.p2pvpn.internal  22\n";
        assertThat(run("services ssh").out()).isEqualTo(services);
        assertThat(run("publish ssh 22").out()).isEqualTo(services);
        assertThat(run("unpublish ssh").out()).isEqualTo(services);
        Result invite = run("invite --uses 2 --expires 90s --valid 2h");
        assertThat(invite.out()).isEqualTo("p2pi1-x90-7200\n");
        assertThat(invite.err()).hasLineCount(1).contains("2 nodes");
        assertThat(run("invite --role admin").code()).isEqualTo(4);
        assertThat(run("rules").out()).isEqualTo("default deny\nallow role:admin -> * : tcp/22\n");
        assertThat(run("rules --explain node2 db1 tcp/22").out())
                .isEqualTo("allowed by rule 1: allow role:admin -> * : tcp/22\n");
        assertThat(run("rules --explain db1 node2 tcp/22").out()).isEqualTo("denied by the default: default deny\n");
        assertThat(run("namespace list").out()).contains("lab@").contains("joined");
        assertThat(run("namespace show other").code()).isEqualTo(1);
    }

    @Test
    void ping_untilDirect_endsWithTheFirstDirectReply() throws Exception {
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        Result soon = run("ping near-soon -i 0.01 --until-direct");
        assertThat(soon.code()).isZero();
        assertThat(soon.out())
                .contains("seq 2, 9.50 ms, relay via 01234567\n")
                .contains("seq 3, 1.50 ms, direct\n3 sent, 3 received")
                .containsPattern("near-soon is reached after [0-9.]+ s: direct\n$");
        Result never = run("ping far -i 0.01 -c 3 --until-direct");
        assertThat(never.code()).isEqualTo(5);
        assertThat(never.out()).contains("3 sent, 3 received").endsWith(": relay via 01234567: both NATs are alike\n");
        Result json = run("ping near-soon -i 0.01 --until-direct --json");
        assertThat(json.code()).isZero();
        assertThat(json.out()).contains("\"sent\" : 3,").contains("\"reason\" : \"direct\"");
        assertThat(run("ping silent -i 0.01 -c 2 --until-direct").code()).isEqualTo(5);
    }

    @Test
    void netcheck_daemonRuns_showsFacts() throws Exception {
        assertThat(run(JOIN + "lab --detach").code()).isZero();
        assertThat(run("netcheck").out())
                .contains("UDP          passes\n")
                .contains("mapping      unknown\n")
                .contains("hairpin      unknown\n")
                .contains("IPv6         no global address; no peer is reached over it\n")
                .contains("punching     at most 300 packets/s")
                .contains("relays       01234567 (for 2 peers)\n")
                .contains("01234567  near  udp://192.0.2.8:40000  0.50 ms  direct\n");
        assertThat(run("netcheck --json").out()).startsWith("{\n  \"schema\" : 1,\n  \"udp\" : \"passes\"");
    }

    private Result run(String line) throws Exception {
        if (line.startsWith("join")) {
            return finish(start(line));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Environment environment = new Environment(
                Map.of("P2PVPN_SOCKET", directory.resolve("s").toString()),
                false,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> FakeNode::start,
                FakeMain.class.getName());
        int code = Main.run(environment, line.split(" ", -1));
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private Process start(String line) throws IOException {
        return launch(line + " --state " + directory.resolve("state") + " --socket " + directory.resolve("s"));
    }

    private Process launch(String line) throws IOException {
        List<String> command = new ArrayList<>(SameProgram.command(FakeMain.class.getName()));
        command.addAll(1, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of(line.split(" ", -1)));
        Path output = Files.createTempFile(directory, "out", "");
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(Path.of(output + ".err").toFile())
                .start();
        outputs.add(output);
        processes.add(process);
        return process;
    }

    private Result finish(Process process) throws Exception {
        int code = process.waitFor();
        Path output = outputs.get(processes.indexOf(process));
        return new Result(
                code,
                Files.readString(output, StandardCharsets.UTF_8),
                Files.readString(Path.of(output + ".err"), StandardCharsets.UTF_8));
    }

    private void awaitLine(Process daemon, String line) throws Exception {
        Path err = Path.of(outputs.get(processes.indexOf(daemon)) + ".err");
        while (!Files.readString(err, StandardCharsets.UTF_8).contains(line)) {
            assertThat(daemon.isAlive()).isTrue();
            Pause.poll();
        }
    }
}
