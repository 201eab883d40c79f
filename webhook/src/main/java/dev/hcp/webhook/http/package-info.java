/** The HTTPS server around admission: routes, limits of size, time and number, error answers. */
@NullMarked
package dev.hcp.webhook.http;

import org.jspecify.annotations.NullMarked;
