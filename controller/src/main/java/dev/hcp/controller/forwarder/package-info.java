/**
 * A process of its own, in the controller's image, that runs beside API servers whose audit events
 * go to several receivers: it takes a batch of events and answers once every receiver has it.
 */
@NullMarked
package dev.hcp.controller.forwarder;

import org.jspecify.annotations.NullMarked;
