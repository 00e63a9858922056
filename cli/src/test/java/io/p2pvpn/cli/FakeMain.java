package io.p2pvpn.cli;

/** The program with a fake node, for tests that need a process of its own. */
public final class FakeMain {
    private FakeMain() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(Main.run(Environment.ofProcess(() -> FakeNode::start, FakeMain.class), arguments));
    }
}
