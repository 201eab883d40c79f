/** Kubeconfigs. */
@NullMarked
package dev.hcp.render.kubeconfig;

import org.jspecify.annotations.NullMarked;
