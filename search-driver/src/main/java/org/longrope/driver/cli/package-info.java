/** The command line: options in, one sentence or a table out. */
@NullMarked
package org.longrope.driver.cli;

import org.jspecify.annotations.NullMarked;
