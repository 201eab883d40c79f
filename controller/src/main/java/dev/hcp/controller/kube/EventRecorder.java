package dev.hcp.controller.kube;

import dev.hcp.controller.kube.Kube.EventType;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.ControllerMetrics.EventResult;
import dev.hcp.controller.telemetry.Spans;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events about control planes, one after the other and away from the passes. Events are a
 * service to people: when too many wait, the newest are dropped, and what cannot be written is
 * logged and forgotten. The same event about the same object is written once in {@link #REPEAT}.
 */
final class EventRecorder implements AutoCloseable {
  /** How long an event stands for its repetitions. */
  static final Duration REPEAT = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
  private static final int MOST_WAITING = 1000;
  private static final int MOST_REMEMBERED = 4096;

  /** Longest note that the API server accepts. */
  private static final int LONGEST_NOTE = 1024;

  private static final Duration DRAIN = Duration.ofSeconds(2);
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private record Key(String uid, EventType type, String reason, String action, String note) {}

  private final KubernetesClient client;
  private final String instance;
  private final ControllerMetrics metrics;
  private final InstantSource clock;

  /** Events to write; an empty element ends the writing. */
  private final BlockingQueue<Optional<Event>> waiting = new ArrayBlockingQueue<>(MOST_WAITING);

  private final Map<Key, Instant> written =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Instant> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };
  private final AtomicInteger count = new AtomicInteger();
  private final Thread writer;
  private volatile boolean closed;

  /**
   * Starts to write.
   *
   * @param instance name of this replica of the controller
   */
  EventRecorder(
      KubernetesClient client, String instance, ControllerMetrics metrics, InstantSource clock) {
    this.client = client;
    this.instance = instance;
    this.metrics = metrics;
    this.clock = clock;
    this.writer = Thread.ofVirtual().name("events").start(this::write);
  }

  /** Puts an event in the queue, unless it repeats one. Never blocks. */
  void record(HasMetadata about, EventType type, String reason, String action, String note) {
    var now = clock.instant();
    if (isRepeated(new Key(about.getMetadata().getUid(), type, reason, action, note), now)) {
      metrics.event(EventResult.REPEATED);
    } else if (closed
        || !waiting.offer(Optional.of(event(about, type, reason, action, note, now)))) {
      metrics.event(EventResult.DROPPED);
    }
  }

  /** Writes what is waiting, as far as that takes no more than two seconds. */
  @Override
  public void close() {
    closed = true;
    var ends = waiting.offer(Optional.empty());
    try {
      if (!ends || !writer.join(DRAIN)) {
        writer.interrupt();
      }
    } catch (InterruptedException _) {
      writer.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private boolean isRepeated(Key key, Instant now) {
    synchronized (written) {
      var before = written.get(key);
      if (before != null && now.isBefore(before.plus(REPEAT))) {
        return true;
      }
      written.put(key, now);
      return false;
    }
  }

  private void write() {
    try {
      for (var event = waiting.take(); event.isPresent(); event = waiting.take()) {
        write(event.get());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(Event event) {
    try {
      var _ = client.resource(event).create();
      metrics.event(EventResult.SENT);
    } catch (KubernetesClientException e) {
      metrics.event(EventResult.FAILED);
      LOG.atWarn()
          .addKeyValue("namespace", event.getMetadata().getNamespace())
          .addKeyValue("name", event.getRegarding().getName())
          .addKeyValue("reason", event.getReason())
          .log("Event not written: {}", e.getMessage());
    }
  }

  /** Several events may happen at what the clock calls the same time. */
  private String uniqueSuffix(Instant now) {
    return "%x.%x"
        .formatted(now.getEpochSecond() * 1_000_000_000L + now.getNano(), count.getAndIncrement());
  }

  private Event event(
      HasMetadata about, EventType type, String reason, String action, String note, Instant now) {
    var metadata = about.getMetadata();
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(metadata.getNamespace())
        .withName(metadata.getName() + "." + uniqueSuffix(now))
        .addToAnnotations(
            Spans.traceId().map(id -> Map.of(Labels.TRACE_ANNOTATION, id)).orElse(Map.of()))
        .endMetadata()
        .withEventTime(new MicroTime(MICROSECONDS.format(now)))
        .withReportingController(Labels.MANAGER)
        .withReportingInstance(instance)
        .withRegarding(
            new ObjectReferenceBuilder()
                .withApiVersion(about.getApiVersion())
                .withKind(about.getKind())
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .withResourceVersion(metadata.getResourceVersion())
                .build())
        .withType(
            switch (type) {
              case NORMAL -> "Normal";
              case WARNING -> "Warning";
            })
        .withReason(reason)
        .withAction(action)
        .withNote(note.length() > LONGEST_NOTE ? note.substring(0, LONGEST_NOTE) : note)
        .build();
  }
}
