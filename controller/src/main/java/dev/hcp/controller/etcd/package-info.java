/** etcd: what of it serves, and requests to it. The only package that knows an etcd client. */
@NullMarked
package dev.hcp.controller.etcd;

import org.jspecify.annotations.NullMarked;
