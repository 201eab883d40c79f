/** What has to be in order before a control plane takes another version. */
@NullMarked
package dev.hcp.controller.upgrade;

import org.jspecify.annotations.NullMarked;
