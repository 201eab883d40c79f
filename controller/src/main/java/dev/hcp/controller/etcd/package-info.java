/** etcd: what of it serves. */
@NullMarked
package dev.hcp.controller.etcd;

import org.jspecify.annotations.NullMarked;
