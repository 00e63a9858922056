package io.p2pvpn.crawler.mapreduce;

import com.google.protobuf.ByteString;
import io.p2pvpn.overlay.node.OverlayNode;
import io.p2pvpn.overlay.runtime.NodeRuntime;
import org.jspecify.annotations.Nullable;

/** The node that does its part in runs, as far as they need one: see {@link TaskRing}. */
public interface TaskNode {
    /** A real one. */
    static TaskNode of(OverlayNode node) {
        return new NodeRing.Node(node);
    }

    /** Its environment. */
    NodeRuntime runtime();

    /** Its ring of that name, or null. */
    @Nullable
    TaskRing ring(ByteString ringIdBytes);

    /** Registers the one handler of calls of that name. */
    void handle(String method, TaskLink.Handler handler);
}
