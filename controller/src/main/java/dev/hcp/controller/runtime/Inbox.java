package dev.hcp.controller.runtime;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.plan.Trigger;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;

/**
 * Takes what wakes control planes into the framework's queue. Has no effect before the queue is
 * started: its start makes a pass over everything anyway.
 */
final class Inbox implements Trigger {
  private final SimpleInboundEventSource<HostedControlPlane> source =
      new SimpleInboundEventSource<>("inbox");

  @Override
  public void reconcile(String namespace, String name) {
    source.propagateEvent(new ResourceID(name, namespace));
  }

  EventSource<?, HostedControlPlane> source() {
    return source;
  }
}
