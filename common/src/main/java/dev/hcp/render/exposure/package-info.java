/** How the API server is reached: Service and TLSRoutes. */
@NullMarked
package dev.hcp.render.exposure;

import org.jspecify.annotations.NullMarked;
