package dev.hcp.controller.etcd;

import io.etcd.jetcd.api.MaintenanceGrpc;
import io.etcd.jetcd.api.SnapshotRequest;
import io.etcd.jetcd.api.SnapshotResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One snapshot under way. The member sends on only when pieces were taken: at most {@link #AHEAD}
 * of them wait here.
 */
final class SnapshotCall extends ClientCall.Listener<SnapshotResponse> {
  private static final int AHEAD = 16;

  /** The next piece did not come. */
  static final class StalledException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private sealed interface Event {
    record Piece(SnapshotResponse response) implements Event {}

    record End(Status status) implements Event {}
  }

  private final ClientCall<SnapshotRequest, SnapshotResponse> call;
  private final Duration longestPause;

  /** One more than pieces that were asked for: the end needs no asking. */
  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(AHEAD + 1);

  /**
   * Asks for nothing yet.
   *
   * @param longest how long all of it may take
   * @param longestPause how long the next piece may take
   */
  SnapshotCall(ManagedChannel channel, Duration longest, Duration longestPause) {
    this.call =
        channel.newCall(
            MaintenanceGrpc.getSnapshotMethod(),
            CallOptions.DEFAULT.withDeadlineAfter(longest.toMillis(), TimeUnit.MILLISECONDS));
    this.longestPause = longestPause;
  }

  @Override
  public void onMessage(SnapshotResponse response) {
    events.add(new Event.Piece(response));
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    events.add(new Event.End(status));
  }

  /**
   * Takes the snapshot; whatever happens, the call has ended when this does.
   *
   * @return number of bytes
   * @throws io.grpc.StatusRuntimeException if the member breaks it off
   */
  long run(SnapshotSink sink) throws IOException, InterruptedException, StalledException {
    boolean ended = false;
    try {
      call.start(this, new Metadata());
      call.request(AHEAD);
      call.sendMessage(SnapshotRequest.getDefaultInstance());
      call.halfClose();
      long bytes = 0;
      while (true) {
        var event = events.poll(longestPause.toMillis(), TimeUnit.MILLISECONDS);
        switch (event) {
          case null -> throw new StalledException();
          case Event.Piece(var response) -> {
            sink.accept(response.getBlob().asReadOnlyByteBuffer(), response.getRemainingBytes());
            bytes += response.getBlob().size();
            call.request(1);
          }
          case Event.End(var status) -> {
            ended = true;
            if (!status.isOk()) {
              throw status.asRuntimeException();
            }
            return bytes;
          }
        }
      }
    } finally {
      if (!ended) {
        call.cancel("nobody takes the snapshot any more", null);
      }
    }
  }
}
