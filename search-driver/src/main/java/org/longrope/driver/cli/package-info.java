/**
 * Command line: options, progress and messages. {@link org.longrope.driver.cli.Main} lists the
 * commands, one class each; {@link org.longrope.driver.cli.HelpPage} prints their help.
 */
@NullMarked
package org.longrope.driver.cli;

import org.jspecify.annotations.NullMarked;
