/** One pass over one control plane: observe, plan, apply, report. */
@NullMarked
package dev.hcp.controller.reconcile;

import org.jspecify.annotations.NullMarked;
