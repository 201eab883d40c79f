/** Service, Gateway, routes and endpoint: what is there, what is wrong with it. */
@NullMarked
package dev.hcp.controller.exposure;

import org.jspecify.annotations.NullMarked;
