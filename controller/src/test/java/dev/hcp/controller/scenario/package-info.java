/** Control planes written down as manifests, as input of tests. */
@NullMarked
package dev.hcp.controller.scenario;

import org.jspecify.annotations.NullMarked;
