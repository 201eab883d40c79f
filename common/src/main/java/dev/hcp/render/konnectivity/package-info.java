/** The konnectivity server: container and egress configuration of the API server. */
@NullMarked
package dev.hcp.render.konnectivity;

import org.jspecify.annotations.NullMarked;
