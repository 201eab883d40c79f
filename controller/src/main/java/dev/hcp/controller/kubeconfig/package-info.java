/** Kubeconfigs: which can be written. */
@NullMarked
package dev.hcp.controller.kubeconfig;

import org.jspecify.annotations.NullMarked;
