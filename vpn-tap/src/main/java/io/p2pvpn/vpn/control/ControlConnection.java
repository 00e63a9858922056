package io.p2pvpn.vpn.control;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.concurrent.Future;
import io.p2pvpn.vpn.control.ControlException.Kind;
import io.p2pvpn.vpn.control.ControlRouter.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: reads one bounded request, answers it, closes. Confined to the node's loop. */
final class ControlConnection extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);
    private static final int BODY_BYTES_MAX = 16 * 1024;
    private static final Duration ANSWER_TIME_MAX = Duration.ofSeconds(10);

    private final ControlRouter router;
    private final Duration requestTimeMax;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable HttpRequest request;
    private @Nullable Future<?> deadline;
    private boolean complete;

    ControlConnection(ControlRouter router, Duration requestTimeMax) {
        this.router = router;
        this.requestTimeMax = requestTimeMax;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        closeAfter(context, requestTimeMax);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        cancelDeadline();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
        if (complete) {
            return;
        }
        if (part.decoderResult().isFailure()) {
            answer(context, unreadable(part.decoderResult()));
            return;
        }
        if (part instanceof HttpRequest head) {
            request = head;
        }
        if (part instanceof HttpContent content) {
            int length = content.content().readableBytes();
            if (body.size() + length > BODY_BYTES_MAX) {
                answer(context, Answer.error(413, "the body is longer than " + BODY_BYTES_MAX + " bytes"));
                return;
            }
            byte[] bytes = new byte[length];
            content.content().readBytes(bytes);
            body.writeBytes(bytes);
        }
        HttpRequest head = request;
        if (part instanceof LastHttpContent && head != null) {
            complete = true;
            cancelDeadline();
            var unused = router.route(head.method().name(), head.uri(), body.toString(StandardCharsets.UTF_8))
                    .whenComplete((answer, failure) -> {
                        Answer result = failure == null ? answer : failed(failure);
                        if (context.executor().inEventLoop()) {
                            // At once: what stops the daemon may close this connection in the loop's next task.
                            answer(context, result);
                        } else {
                            context.executor().execute(() -> answer(context, result));
                        }
                    });
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("control connection closed", cause);
        close(context);
    }

    private static Answer unreadable(DecoderResult result) {
        if (result.cause() instanceof TooLongHttpLineException) {
            return Answer.error(414, "the request line is too long");
        }
        if (result.cause() instanceof TooLongHttpHeaderException) {
            return Answer.error(431, "the request headers are too long");
        }
        return Answer.error(Kind.WRONG_USAGE.httpStatus(), "the request is not HTTP/1.1");
    }

    private static Answer failed(Throwable wrapped) {
        Throwable failure =
                wrapped instanceof CompletionException && wrapped.getCause() != null ? wrapped.getCause() : wrapped;
        LOG.warn("a control request failed", failure);
        return Answer.error(
                Kind.FAILED.httpStatus(),
                "the daemon failed inside (" + failure.getClass().getSimpleName() + "): its log says more");
    }

    private void answer(ChannelHandlerContext context, Answer answer) {
        complete = true;
        cancelDeadline();
        if (!context.channel().isActive()) {
            return;
        }
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body().getBytes(StandardCharsets.UTF_8)));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        closeAfter(context, ANSWER_TIME_MAX);
        var unused = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private static void close(ChannelHandlerContext context) {
        var unused = context.close();
    }

    private void closeAfter(ChannelHandlerContext context, Duration time) {
        deadline = context.executor().schedule(() -> close(context), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
