/** Token authentication: the configuration of the API servers, and how they find it. */
@NullMarked
package dev.hcp.render.authentication;

import org.jspecify.annotations.NullMarked;
