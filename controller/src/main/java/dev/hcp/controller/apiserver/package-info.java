/** API servers: what of them serves, and whether they answer through the endpoint. */
@NullMarked
package dev.hcp.controller.apiserver;

import org.jspecify.annotations.NullMarked;
