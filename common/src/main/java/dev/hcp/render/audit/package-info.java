/** Auditing: the configuration of the API servers, and the forwarder beside each of them. */
@NullMarked
package dev.hcp.render.audit;

import org.jspecify.annotations.NullMarked;
